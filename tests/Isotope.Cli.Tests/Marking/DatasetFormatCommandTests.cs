using System.Buffers.Binary;
using Isotope.Datasets;
using Isotope.Tests.Datasets.Formats;

namespace Isotope.Cli.Tests.Marking;

/// <summary>The commands on datasets that are not folders of images.</summary>
public sealed class DatasetFormatCommandTests : IDisposable
{
    private const int Classes = 3,
        PerClass = 24,
        Side = 16;
    private readonly TemporaryFolder folder = new();

    public DatasetFormatCommandTests()
    {
        using (var network = Fixtures.RandomNetwork())
            network.Save(folder.File("m.safetensors"));
        Shell.Run("key", "new", "--classes", "3", "--dim", "64", "--seed", "1", "--out", folder.File("k"));
    }

    [Fact]
    public void Pipeline_OnIdxFiles_MarksTrainsAndTests()
    {
        WriteIdx(folder.File("mnist"));
        Assert.Equal(18, Mark("--data", folder.File("mnist"), "--fraction", "0.25").GetProperty("images").GetInt32());
        Assert.Equal(
            ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"],
            Directory.EnumerateFiles(folder.File("marked")).Select(Path.GetFileName).Order()
        );

        var train = Shell.Json(
            "train",
            "--data",
            folder.File("marked"),
            "--arch",
            "resnet14",
            "--input-size",
            "16",
            "--epochs",
            "1",
            "--test",
            folder.File("mnist/train-images-idx3-ubyte"),
            "--out",
            folder.File("s.safetensors")
        );
        Assert.Equal(Classes * PerClass, train.GetProperty("images").GetInt32());

        string[] detect =
        [
            "detect",
            "white-box",
            "--anyway",
            "--key",
            folder.File("k"),
            "--marking-network",
            folder.File("m.safetensors"),
            "--tested-network",
            folder.File("s.safetensors"),
            "--probes",
            "200",
        ];
        Assert.InRange(Shell.Json([.. detect, "--images", folder.File("mnist")]).GetProperty("log10P").GetDouble(), -4, 0);
        Shell.AssertRefused("train-images-idx3-ubyte: train/000", [.. detect, "--images", folder.File("marked")]);
        Shell.AssertRefused("train/000", [.. detect, "--images", folder.File("marked/train-images-idx3-ubyte")]);
    }

    [Fact]
    public void Images_OfRawPixels_AreFoundMarkedByTheirKeyAndByNoOther()
    {
        WriteIdx(folder.File("mnist"));
        Mark("--data", folder.File("mnist"), "--fraction", "1", "--iterations", "20", "--augment", "centre");
        Shell.Run("key", "new", "--classes", "3", "--dim", "64", "--seed", "2", "--out", folder.File("other"));
        Assert.InRange(Test("k"), -400, -5);
        Assert.InRange(Test("other"), -2, 0);

        double Test(string key) =>
            Shell
                .Json(
                    "detect",
                    "images",
                    "--key",
                    folder.File(key),
                    "--marking-network",
                    folder.File("m.safetensors"),
                    "--originals",
                    folder.File("mnist"),
                    "--images",
                    folder.File("marked")
                )
                .GetProperty("log10P")
                .GetDouble();
    }

    [Fact]
    public void Counterfactuals_OfRawPixels_AreImagesOfOneKind()
    {
        WriteIdx(folder.File("mnist"));
        Mark("--data", folder.File("mnist"), "--fraction", "0.1", "--counterfactuals", "2");
        var queries = QuerySet.Load(folder.File("marked.queries"));
        Assert.All(queries.Images, image => Assert.EndsWith(".png", image.File));
        var published = Manifest
            .Load(folder.File("marked.manifest.json"))
            .Images.ToDictionary(image => image.Id, image => image.PixelsSha256);
        Assert.All(
            queries.Images.Where(image => image.Version == 0),
            image => Assert.Equal(published[image.Id], ImageCodec.Decode(folder.File($"marked.queries/{image.File}")).Sha256())
        );
        Assert.Equal(published.Count, queries.Images.Count(image => image.Version == 0));
    }

    /// <summary>A folder of a list's images in nested folders looks like one class.</summary>
    [Fact]
    public void Train_FolderOfOneClass_IsRefused()
    {
        Directory.CreateDirectory(folder.File("data/train/cat"));
        folder.Write("data/train/cat/a.png", ImageCodec.EncodePng(Fixtures.Image(16, 16, 3, 1)));
        Shell.AssertRefused(
            "found splits: train; name one of them",
            "train",
            "--data",
            folder.File("data"),
            "--arch",
            "resnet14",
            "--out",
            folder.File("s.safetensors")
        );
    }

    [Fact]
    public void Mark_AsFolderOfTarShards_TrainsByListToo()
    {
        Shell.Run("key", "new", "--classes", "2", "--dim", "64", "--seed", "1", "--out", folder.File("k2"));
        using (var network = Fixtures.RandomNetwork(classes: 2))
            network.Save(folder.File("m2.safetensors"));
        string[] mark =
        [
            "mark",
            "--data",
            GoldenDatasets.PathOf("train-*.tar"),
            "--key",
            folder.File("k2"),
            "--network",
            folder.File("m2.safetensors"),
            "--fraction",
            "0.5",
            "--iterations",
            "2",
            "--out",
            folder.File("marked"),
            "--list",
            folder.File("l.json"),
        ];
        Shell.AssertRefused("--list", mark);
        Assert.Equal(2, Shell.Json([.. mark, "--as-folder", "--format", "webp"]).GetProperty("images").GetInt32());
        Assert.Equal(2, Directory.EnumerateFiles(folder.File("marked"), "*.webp", SearchOption.AllDirectories).Count());
        Shell.Json(
            "train",
            "--data",
            GoldenDatasets.PathOf("train-*.tar"),
            "--overlay",
            folder.File("l.json"),
            "--arch",
            "resnet14",
            "--epochs",
            "1",
            "--out",
            folder.File("s.safetensors")
        );
    }

    [Fact]
    public void Mark_FormatAndQuality_AreOneOrTheOther() =>
        Shell.AssertRefused(
            "--jpeg-quality",
            "mark",
            "--data",
            "d",
            "--key",
            "k",
            "--network",
            "n",
            "--out",
            "o",
            "--format",
            "webp",
            "--jpeg-quality",
            "90"
        );

    public void Dispose() => folder.Dispose();

    private System.Text.Json.JsonElement Mark(params string[] more) =>
        Shell.Json([
            "mark",
            "--key",
            folder.File("k"),
            "--network",
            folder.File("m.safetensors"),
            "--out",
            folder.File("marked"),
            .. more,
            .. more.Contains("--iterations") ? [] : new[] { "--iterations", "3" },
        ]);

    private static void WriteIdx(string path)
    {
        Directory.CreateDirectory(path);
        var images = Enumerable.Range(0, Classes * PerClass).Select(i => Fixtures.Image(Side, Side, 1, i).Pixels);
        File.WriteAllBytes(
            Path.Combine(path, "train-images-idx3-ubyte"),
            [.. Numbers(0x803, Classes * PerClass, Side, Side), .. images.SelectMany(pixels => pixels)]
        );
        File.WriteAllBytes(
            Path.Combine(path, "train-labels-idx1-ubyte"),
            [.. Numbers(0x801, Classes * PerClass), .. Enumerable.Range(0, Classes * PerClass).Select(i => (byte)(i % Classes))]
        );
    }

    private static byte[] Numbers(params int[] numbers)
    {
        var bytes = new byte[numbers.Length * sizeof(int)];
        foreach (var (i, number) in numbers.Index())
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(i * sizeof(int)), number);
        return bytes;
    }
}
