using Isotope.Datasets;

namespace Isotope.Tests.Datasets;

public sealed class DatasetTests
{
    [Fact]
    public void Open_ClassFolders_ListsInOrdinalOrder()
    {
        using var folder = new TemporaryFolder();
        Fixtures.WriteFolder(folder.Path, classes: 2, perClass: 11);
        var dataset = Dataset.Open(folder.Path);
        Assert.Equal(["class0", "class1"], dataset.ClassNames);
        Assert.Equal(["class0/0.png", "class0/1.png", "class0/10.png", "class0/2.png"], dataset.Images.Take(4).Select(image => image.Id));
        Assert.Equal(11, dataset.Images.Count(image => image.Label == 1));
    }

    [Fact]
    public void Open_NoFolderNoClassesNoImages_IsRefusedByName()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("no such folder", Assert.Throws<IsotopeException>(() => Dataset.Open(folder.File("nowhere"))).Message);
        Assert.Contains("one folder per class", Assert.Throws<IsotopeException>(() => Dataset.Open(folder.Path)).Message);
        Fixtures.WriteFolder(folder.File("data"));
        Assert.Contains(
            "found images outside of class folders",
            Assert.Throws<IsotopeException>(() => Dataset.Open(folder.File("data/class0"))).Message
        );
        Directory.CreateDirectory(folder.File("cat"));
        Assert.Contains("cat: expected images", Assert.Throws<IsotopeException>(() => Dataset.Open(folder.Path)).Message);
    }

    [Fact]
    public void Overlay_MarkedFiles_TakeTheirPlaceAndKeepIds()
    {
        using var folder = new TemporaryFolder();
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"), perClass: 3);
        Directory.CreateDirectory(folder.File("marked/class1"));
        foreach (var name in new[] { "class0", "class2" })
            Directory.CreateDirectory(folder.File($"marked/{name}"));
        foreach (var name in new[] { "class0/0", "class1/2", "class2/1" })
            File.Copy(folder.File($"vanilla/{name}.png"), folder.File($"marked/{name}.webp"));
        var both = vanilla.Overlay(folder.File("marked"));
        Assert.Equal(vanilla.Images.Select(image => image.Id), both.Images.Select(image => image.Id));
        Assert.Equal(3, both.Images.Count(image => image.Source.Name.EndsWith(".webp", StringComparison.Ordinal)));
    }

    [Fact]
    public void Open_NestedFolders_ListsInTheOrderOfTorchvision()
    {
        using var folder = new TemporaryFolder();
        string[] sorted = ["cat/z.png", "cat/a/1.npy", "cat/a-b/0.png", "cat/a/b/0.png"];
        foreach (var id in sorted)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.File(id))!);
            File.WriteAllBytes(folder.File(id), []);
        }

        Assert.Equal(sorted, Dataset.Open(folder.Path).Images.Select(image => image.Id));
    }

    [Fact]
    public void Overlay_TwoFilesWithTheSameName_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var vanilla = Fixtures.WriteFolder(folder.Path, perClass: 1);
        File.Copy(folder.File("class1/0.png"), folder.File("class1/0.npy"));
        Assert.Contains("one file of this class and name", Assert.Throws<IsotopeException>(() => vanilla.Overlay(folder.Path)).Message);
    }

    [Fact]
    public void Overlay_TwoVanillaImagesWithTheSameName_IsRefused()
    {
        using var folder = new TemporaryFolder();
        Fixtures.WriteFolder(folder.File("vanilla"), perClass: 2);
        foreach (var name in new[] { "class0", "class2" })
            Directory.CreateDirectory(folder.File($"marked/{name}"));
        File.Copy(folder.File("vanilla/class0/0.png"), folder.File("vanilla/class0/0.npy"));
        var vanilla = Dataset.Open(folder.File("vanilla"));
        File.Copy(folder.File("vanilla/class0/1.png"), folder.File("marked/class0/1.png"));
        Assert.Single(
            vanilla.Overlay(folder.File("marked")).Images,
            image => image.Source.Name.Contains("marked", StringComparison.Ordinal)
        );
        File.Copy(folder.File("vanilla/class0/0.png"), folder.File("marked/class0/0.png"));
        Assert.Contains(
            "found class0/0.npy and class0/0.png",
            Assert.Throws<IsotopeException>(() => vanilla.Overlay(folder.File("marked"))).Message
        );
    }

    [Fact]
    public void Overlay_UnknownName_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"), perClass: 1);
        Fixtures.WriteFolder(folder.File("marked"), perClass: 2);
        Assert.Contains("found none", Assert.Throws<IsotopeException>(() => vanilla.Overlay(folder.File("marked"))).Message);
    }
}
