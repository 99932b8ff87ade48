using Isotope.Datasets;
using Isotope.Networks.Checkpoints;

namespace Isotope.Tests.Datasets;

public sealed class PerSampleListTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Load_AfterSave_GivesTheSameFiles()
    {
        new PerSampleList(new Dictionary<int, string> { [10] = "marked/a.npy", [2] = "/b.png" }).Save(folder.File("l.json"));
        Assert.Equal(
            """{"type":"per_sample","content":{"2":"/b.png","10":"marked/a.npy"}}""",
            string.Concat(File.ReadAllText(folder.File("l.json")).Where(c => !char.IsWhiteSpace(c)))
        );
        var files = PerSampleFile.Load(folder.File("l.json")).Files;
        Assert.Equal([(2, "/b.png"), (10, folder.File("marked/a.npy"))], files.Select(file => (file.Key, file.Value)).Order());
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.File("l.json")));
    }

    [Theory]
    [InlineData("per_sample.pth")]
    [InlineData("per_sample.legacy.pth")]
    public void Load_FileOfPyTorch_IsRead(string file)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Datasets", "Golden", file);
        var files = PerSampleFile.Load(path).Files;
        Assert.Equal(
            [(3, "/data/a.npy"), (70000, Path.Combine(Path.GetDirectoryName(path)!, "b/c.png"))],
            files.Select(file => (file.Key, file.Value)).Order()
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"type": "per_class", "content": {}}""")]
    [InlineData("""{"type": "per_sample", "content": null}""")]
    [InlineData("""{"type": "per_sample", "content": {"0": null}}""")]
    [InlineData("""{"type": "per_sample", "content": {"a": "b"}}""")]
    [InlineData("""{"type": "per_sample", "content": ["b"]}""")]
    public void Load_SomethingElse_IsRefusedByName(string content)
    {
        File.WriteAllText(folder.File("l.json"), content);
        Assert.Contains(
            "l.json: expected {\"type\"",
            Assert.Throws<IsotopeException>(() => PerSampleFile.Load(folder.File("l.json"))).Message
        );
    }

    [Fact]
    public void Load_ATensorOrNoFile_IsRefusedByName()
    {
        using (var tensor = TorchSharp.torch.ones(2))
            TorchFile.SavePrivateTensor(folder.File("t.pth"), tensor);
        Assert.Contains("t.pth: expected {", Assert.Throws<IsotopeException>(() => PerSampleFile.Load(folder.File("t.pth"))).Message);
        Assert.Contains("nowhere", Assert.Throws<IsotopeException>(() => PerSampleFile.Load(folder.File("nowhere.json"))).Message);
    }

    [Fact]
    public void Overlay_List_ReplacesByPosition()
    {
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"), classes: 2, perClass: 3);
        var other = vanilla.Images[0].Source.Name;
        var both = vanilla.Overlay(new PerSampleList(new Dictionary<int, string> { [4] = other }), "l");
        Assert.Equal(other, both.Images[4].Source.Name);
        Assert.Equal(vanilla.Images.Select(image => (image.Id, image.Label)), both.Images.Select(image => (image.Id, image.Label)));
        Assert.Equal(vanilla.Images.Where((_, i) => i != 4), both.Images.Where((_, i) => i != 4));
    }

    [Theory]
    [InlineData(-1, "found -1")]
    [InlineData(6, "0 to 5, one for each image")]
    [InlineData(5, "found no such file")]
    public void Overlay_OutOfRangeOrMissing_IsRefused(int index, string found)
    {
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"), classes: 2, perClass: 3);
        var list = new PerSampleList(new Dictionary<int, string> { [index] = folder.File("nowhere.npy") });
        var message = Assert.Throws<IsotopeException>(() => vanilla.Overlay(list, "l.json")).Message;
        Assert.StartsWith("l.json: expected", message);
        Assert.Contains(found, message);
    }

    public void Dispose() => folder.Dispose();
}
