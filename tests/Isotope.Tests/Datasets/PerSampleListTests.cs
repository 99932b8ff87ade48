using Isotope.Datasets;

namespace Isotope.Tests.Datasets;

public sealed class PerSampleListTests
{
    [Fact]
    public void Apply_SavedList_ReplacesTheMarkedImages()
    {
        using var folder = new TemporaryFolder();
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"));
        var marked = new MarkedImage("class1/2.png", "class1/2.npy", "class1", 42, 1, 1, "", "");
        Directory.CreateDirectory(folder.File("marked/class1"));
        File.WriteAllBytes(folder.File("marked/class1/2.npy"), ImageCodec.Encode(Fixtures.Image(16, 16, 3, 9), LosslessFormat.Npy));
        PerSampleList.Save(folder.File("list.json"), vanilla, new Manifest([], [marked]), folder.File("marked"));

        var both = PerSampleList.Apply(vanilla, folder.File("list.json"));
        Assert.Equal([6], both.Images.Index().Where(pair => pair.Item != vanilla.Images[pair.Index]).Select(pair => pair.Index));
        Assert.Equal(folder.File("marked/class1/2.npy"), both.Images[6].Path);
        Assert.Equal("class1/2.png", both.Images[6].Id);
    }

    [Theory]
    [InlineData("""{"type": "per_sample", "content": {"99": "a.png"}}""", "0 to 11")]
    [InlineData("""{"type": "per_sample", "content": {"-1": "a.png"}}""", "0 to 11")]
    [InlineData("""{"type": "per_sample", "content": {"1": "missing.png"}}""", "missing.png")]
    [InlineData("""{"type": "other", "content": {}}""", "per_sample")]
    [InlineData("""[1, 2]""", "per_sample")]
    [InlineData("", "per_sample")]
    public void Apply_WrongList_IsRefusedByName(string json, string named)
    {
        using var folder = new TemporaryFolder();
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"));
        File.WriteAllText(folder.File("list.json"), json);
        var error = Assert.Throws<IsotopeException>(() => PerSampleList.Apply(vanilla, folder.File("list.json")));
        Assert.StartsWith(folder.File("list.json"), error.Message);
        Assert.Contains(named, error.Message);
    }
}
