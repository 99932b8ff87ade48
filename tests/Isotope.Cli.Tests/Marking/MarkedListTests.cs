using Isotope.Datasets;
using Isotope.Networks.Checkpoints;

namespace Isotope.Cli.Tests.Marking;

public sealed class MarkedListTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Mark_AsNpyWithList_TrainsTheSameModelByListAndByFolder()
    {
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"), perClass: 4);
        Assert.Equal(0, Mark("--out", folder.File("marked"), "--format", "npy", "--list", folder.File("marked.json")).ExitCode);

        var manifest = Manifest.Load(Manifest.PathFor(folder.File("marked")));
        var list = PerSampleFile.Load(folder.File("marked.json")).Files;
        Assert.Equal(
            manifest.Images.Select(image => (Id: image.Id, File: folder.File($"marked/{image.File}"))),
            list.OrderBy(file => file.Key).Select(file => (vanilla.Images[file.Key].Id, Path.GetFullPath(file.Value)))
        );
        Assert.All(manifest.Images, image => Assert.Equal(Dataset.Stem(image.Id) + ".npy", image.File));
        Assert.All(
            manifest.Images,
            image =>
                Assert.True(
                    ImageCodec
                        .Decode(folder.File($"marked/{image.File}"))
                        .SameShapeAs(ImageCodec.Decode(folder.File($"vanilla/{image.Id}")))
                )
        );
        var byList = Train("by-list", folder.File("marked.json"));
        Assert.Equal(byList, Train("by-folder", folder.File("marked")));
        Assert.NotEqual(byList, Train("unmarked", folder.File("vanilla")));
    }

    [Fact]
    public void Mark_ListInThePlaceOfAnotherFile_IsRefusedAndAListIsWrittenAgain()
    {
        Fixtures.WriteFolder(folder.File("vanilla"), perClass: 4);
        Assert.Equal(0, Mark("--out", folder.File("a"), "--list", folder.File("l.json")).ExitCode);
        Assert.Equal(0, Mark("--out", folder.File("marked"), "--list", folder.File("l.json")).ExitCode);
        var manifest = File.ReadAllText(folder.File("marked.manifest.json"));
        AssertRefused("other", "marked.manifest.json", "marked.manifest.json: expected {\"type\": \"per_sample\"");
        AssertRefused("other", "other.manifest.json", "expected a file of its own, found the manifest's");
        Assert.Equal(manifest, File.ReadAllText(folder.File("marked.manifest.json")));

        void AssertRefused(string output, string list, string message)
        {
            var (exitCode, _, error) = Mark("--out", folder.File(output), "--list", folder.File(list));
            Assert.Equal(2, exitCode);
            Assert.Contains(message, error);
            Assert.False(Directory.Exists(folder.File(output)));
        }
    }

    [Fact]
    public void Mark_ListInNoFolder_IsRefusedBeforeTheWork()
    {
        Fixtures.WriteFolder(folder.File("vanilla"), perClass: 1);
        var (exitCode, _, error) = Mark("--out", folder.File("marked"), "--list", folder.File("nowhere/l.json"));
        Assert.Equal(2, exitCode);
        Assert.Contains("--list", error);
        Assert.False(Directory.Exists(folder.File("marked")));
    }

    [Fact]
    public void Train_BadList_IsRefused()
    {
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"), perClass: 1);
        File.WriteAllText(folder.File("l.json"), """{"type": "per_sample", "content": {"3": "x.npy"}}""");
        Shell.AssertRefused(
            "l.json: expected positions of 0 to 2",
            "train",
            "--data",
            vanilla.Root,
            "--overlay",
            folder.File("l.json"),
            "--arch",
            "resnet14",
            "--out",
            folder.File("m.safetensors")
        );
    }

    public void Dispose() => folder.Dispose();

    private (int ExitCode, string Output, string Error) Mark(params string[] more)
    {
        using (var network = Fixtures.RandomNetwork())
            network.Save(folder.File("marker.safetensors"));
        Shell.Run("key", "new", "--classes", "3", "--dim", "64", "--seed", "1", "--out", folder.File("k"));
        return Shell.Run([
            "mark",
            "--data",
            folder.File("vanilla"),
            "--key",
            folder.File("k"),
            "--network",
            folder.File("marker.safetensors"),
            "--only-marked",
            "--fraction",
            "0.5",
            "--iterations",
            "2",
            .. more,
        ]);
    }

    private string Train(string name, string overlay) =>
        Shell
            .Json(
                "train",
                "--data",
                folder.File("vanilla"),
                "--overlay",
                overlay,
                "--arch",
                "resnet14",
                "--input-size",
                "16",
                "--limit",
                "3",
                "--epochs",
                "1",
                "--out",
                folder.File($"{name}.safetensors")
            )
            .GetProperty("sha256")
            .GetString()!;
}
