using Isotope.Networks;

namespace Isotope.Tests.Networks;

public sealed class NetworkReferenceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("net.th", null, "net.th", null)]
    [InlineData("resnet20:net.th", "resnet20", "net.th", null)]
    [InlineData("other:net.th", "other", "net.th", null)]
    [InlineData("net.pt#head.fc", null, "net.pt", "head.fc")]
    [InlineData("resnet20:net#1.th", "resnet20", "net#1.th", null)]
    public void Parse_NoSuchFile_SplitsTheReference(string reference, string? architecture, string path, string? layer)
    {
        var parts = NetworkReference.Parse(reference);
        Assert.Equal(new NetworkReference(architecture, path, layer), parts);
        Assert.Equal(reference, parts.ToString());
    }

    [Fact]
    public void Parse_FileWithSeparatorsInItsName_IsThatFile()
    {
        if (OperatingSystem.IsWindows())
            return;
        var file = folder.Write("a:b#c.pt", []);
        Assert.Equal(new NetworkReference(null, file, null), NetworkReference.Parse(file));
        Assert.Equal(new NetworkReference(null, file, "fc"), NetworkReference.Parse(file + "#fc"));
    }

    [Fact]
    public void Parse_KeyWithAHash_BeginsBehindTheFile()
    {
        var file = folder.Write("a.pt", []);
        Assert.Equal(new NetworkReference(null, file, "run#1"), NetworkReference.Parse($"{file}#run#1"));
        Assert.Equal(new NetworkReference("resnet20", file, "run#1"), NetworkReference.Parse($"resnet20:{file}#run#1"));
    }

    [Fact]
    public void Load_Folder_NamesTheWeightsInIt()
    {
        var file = folder.Write("model.safetensors", []);
        var refusal = Assert.Throws<IsotopeException>(() => Network.Load(folder.Path));
        Assert.Equal($"{folder.Path}: expected a file of weights, such as {file}, found a folder", refusal.Message);
    }

    public void Dispose() => folder.Dispose();
}
