using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Marking;

namespace Isotope.Tests.Datasets.Formats;

/// <summary>Class folders as people have them: with splits, notes, archives and what systems leave behind.</summary>
public sealed class ImageFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Open_RootWithSplits_IsRefusedWithTheOneToTake()
    {
        Fixtures.WriteFolder(folder.File("d/train"));
        Fixtures.WriteFolder(folder.File("d/val"));
        var message = Assert.Throws<IsotopeException>(() => Dataset.Open(folder.File("d"))).Message;
        Assert.Contains("found splits: train and val; name one of them, such as ", message);
        Assert.EndsWith("train", message);
        Assert.Equal(12, Dataset.Open(folder.File("d/train")).Images.Count);
    }

    [Fact]
    public void Open_Litter_IsNoClassAndNoImage()
    {
        Fixtures.WriteFolder(folder.File("d"));
        foreach (
            var name in (string[])
                [
                    ".git/a.png",
                    ".ipynb_checkpoints/0-checkpoint.png",
                    "__MACOSX/class0/a.png",
                    "class0/@eaDir/a.png",
                    "class0/._0.png",
                    "class1/Thumbs.db",
                ]
        )
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.File($"d/{name}"))!);
            File.Copy(folder.File("d/class0/0.png"), folder.File($"d/{name}"));
        }

        var dataset = Dataset.Open(folder.File("d"));
        Assert.Equal((3, 12, 0), (dataset.ClassNames.Count, dataset.Images.Count, dataset.Others.Count));
        Assert.StartsWith("6 that systems and editors leave behind", Assert.Single(dataset.LeftOut));
    }

    [Fact]
    public void Run_OtherFiles_AreCopiedButNotSecretsAndOriginals()
    {
        var vanilla = Fixtures.WriteFolder(folder.File("d"));
        string[] copied = ["README.md", "class0/a.gif", "class0/notes.txt", "metadata.yaml"];
        foreach (var name in copied)
            File.WriteAllText(folder.File($"d/{name}"), name);
        File.WriteAllText(folder.File("d/all.zip"), "");
        File.WriteAllText(folder.File("d/notes.json"), "{\"format\": \"isotope-key-1\"}");
        File.WriteAllText(folder.File("d/private.pem"), "-----BEGIN PRIVATE KEY-----");
        using var network = Fixtures.RandomNetwork();
        var dataset = Dataset.Open(vanilla.Root);
        var options = new DatasetMarkingOptions { Marking = new MarkingOptions { Iterations = 4 } };
        new DatasetMarker(dataset, CarrierKey.FromSeed(3, 64, 11), network, options).Run(folder.File("m"));
        Assert.Equal(
            copied.Concat(vanilla.Images.Select(image => image.Id)).Order(StringComparer.Ordinal),
            Fixtures.HashesBelow(folder.File("m")).Keys.Order(StringComparer.Ordinal)
        );
        Assert.Equal(3, dataset.LeftOut.Count);
    }

    [Theory]
    [InlineData("a.jfif")]
    [InlineData("a.jpe")]
    [InlineData("a.JPG")]
    public void Open_OtherNamesOfJpegs_AreImages(string name)
    {
        Fixtures.WriteFolder(folder.File("d"));
        File.WriteAllBytes(folder.File($"d/class0/{name}"), Encoded());
        Assert.Contains(Dataset.Open(folder.File("d")).Images, image => image.Id == $"class0/{name}");
    }

    [Fact]
    public void Open_BackslashInAName_IsRefused()
    {
        if (OperatingSystem.IsWindows())
            return;
        Fixtures.WriteFolder(folder.File("d"));
        File.Copy(folder.File("d/class0/0.png"), folder.File("d/class0/a\\b.png"));
        Assert.Contains("without backslashes", Assert.Throws<IsotopeException>(() => Dataset.Open(folder.File("d"))).Message);
    }

    public void Dispose() => folder.Dispose();

    private static byte[] Encoded() => ImageCodec.Encode("a", Fixtures.Image(16, 16, 3, 1), ImageEncoding.Jpeg(90));
}
