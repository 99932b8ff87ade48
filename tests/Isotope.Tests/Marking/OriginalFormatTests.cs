using System.Text;
using System.Text.Json.Nodes;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Datasets.Jpegs;
using Isotope.Marking;
using Isotope.Tests.Datasets.Formats;

namespace Isotope.Tests.Marking;

/// <summary>By default a marked image keeps its name, format and place, so that nothing but its pixels tells that it is marked.</summary>
public sealed class OriginalFormatTests : IDisposable
{
    private static readonly CarrierKey Key = CarrierKey.FromSeed(3, 64, 11);
    private static readonly DatasetMarkingOptions Options = new()
    {
        Fraction = 0.5,
        Marking = new MarkingOptions { Iterations = 6 },
    };

    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Run_FolderOfJpegsAndPngs_ChangesPixelsAlone()
    {
        var vanilla = Write(perClass: 8, i => i % 3 == 0 ? ImageEncoding.Png : ImageEncoding.Jpeg(90 + i));
        var manifest = Mark(vanilla);
        Assert.Equal(12, manifest.Images.Count);
        Assert.Equal(Names("vanilla"), Names("marked"));
        foreach (var image in manifest.Images)
        {
            var before = File.ReadAllBytes(folder.File($"vanilla/{image.Id}"));
            var after = File.ReadAllBytes(folder.File($"marked/{image.File}"));
            var (old, now) = (ImageCodec.Decode("x", before), ImageCodec.Decode("x", after));
            Assert.Equal(before[..20], after[..20]);
            Assert.Equal((image.PixelsSha256, new Quality(image.Psnr, image.MaxDifference)), (now.Sha256(), Quality.Compare(old, now)));
            Assert.InRange(image.Psnr!.Value, 42, 46);
            Assert.InRange(image.MaxDifference, 1, 10);
            if (image.Id.EndsWith(".jpg", StringComparison.Ordinal))
                AssertSameTables(JpegFile.Read("x", before), JpegFile.Read("x", after));
        }

        var moved = manifest.Images.ToLookup(image => Path.GetExtension(image.Id), image => image.Displacement);
        Assert.All(moved, displacements => Assert.True(displacements.Average() > 0, displacements.Key));
    }

    [Fact]
    public void Run_Jpegs_AreTheSameInAnyBatch()
    {
        var vanilla = Write(perClass: 4, _ => ImageEncoding.Jpeg(85));
        var one = Mark(vanilla, Options with { BatchSize = 1 });
        var all = Mark(vanilla, Options with { BatchSize = 64 }, "again");
        Assert.Equal(one.Images, all.Images);
        Assert.Equal(Fixtures.HashesBelow(folder.File("marked")), Fixtures.HashesBelow(folder.File("again")));
    }

    [Fact]
    public void Run_Jpegs_StayWithinTheRadius()
    {
        var vanilla = Write(perClass: 4, _ => ImageEncoding.Jpeg(95));
        var manifest = Mark(vanilla, Options with { Marking = Options.Marking with { Radius = 4 } });
        Assert.All(manifest.Images, image => Assert.InRange(image.MaxDifference, 1, 4));
    }

    [Fact]
    public void Run_TarShards_KeepAllHeadersButSizes()
    {
        var vanilla = Dataset.Open(GoldenDatasets.Copy(folder, "train-000000.tar", "train-000001.tar"));
        Assert.NotEmpty(Mark(vanilla).Images);
        foreach (var name in new[] { "train-000000.tar", "train-000001.tar" })
            Assert.Equal(Headers(folder.File($"vanilla/{name}")), Headers(folder.File($"marked/{name}")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_ListOrRows_KeepTheirNames(bool rows)
    {
        var path = rows
            ? Path.Combine(GoldenDatasets.Copy(folder, "hf.parquet"), "hf.parquet")
            : GoldenDatasets.WriteList(folder, "l.csv", i => $"sub/{i}.jpg,{(i % 2 == 0 ? "cat" : "dog")}", "path,label");
        var vanilla = Dataset.Open(path);
        var manifest = Mark(vanilla);
        var marked = Dataset.Open(folder.File($"marked/{Path.GetFileName(path)}"));
        Assert.Equal(vanilla.Images.Select(image => (image.Id, image.Label)), marked.Images.Select(image => (image.Id, image.Label)));
        Assert.All(manifest.Images, image => Assert.Equal(image.Id, image.File));
        Assert.All(vanilla.Images.Zip(marked.Images), pair => Assert.Equal(pair.First.Source.Read()[..2], pair.Second.Source.Read()[..2]));
        if (!rows)
            Assert.Equal(File.ReadAllText(path), File.ReadAllText(folder.File("marked/l.csv")));
    }

    [Fact]
    public void Run_WithoutMetadata_LeavesItOutOfAllImages()
    {
        var vanilla = Write(perClass: 4, _ => ImageEncoding.Jpeg(90), "Exif\0\0 Alice"u8);
        Mark(vanilla);
        Assert.All(Files("marked"), file => Assert.True(File.ReadAllBytes(file).AsSpan().IndexOf("Alice"u8) > 0));
        Mark(vanilla, Options with { WithoutMetadata = true }, "stripped");
        Assert.All(Files("stripped"), file => Assert.Equal(-1, File.ReadAllBytes(file).AsSpan().IndexOf("Alice"u8)));
    }

    [Fact]
    public void Counterfactuals_OfJpegs_HoldWhatWasPublished()
    {
        var vanilla = Write(perClass: 4, _ => ImageEncoding.Jpeg(90));
        var manifest = Mark(vanilla);
        using var network = Fixtures.LoadedNetwork(folder);
        var set = new CounterfactualMarker(vanilla, folder.File("marked"), manifest, Key, network, new() { Versions = 4 }).Run();
        Assert.False(set.IsMadeAnew);
        Assert.All(set.Images, image => Assert.EndsWith(".jpg", image.File));
        Assert.Equal(
            manifest.Images.Select(image => image.Sha256).Order(),
            set.Images.Where(image => image.Version == 0).Select(image => image.Sha256).Order()
        );
    }

    [Fact]
    public void Of_ManifestOfAnEarlierVersion_HasNoPsnrUnlessItIsWritten()
    {
        var manifest = Mark(Write(perClass: 4, _ => ImageEncoding.Png));
        var settings = manifest.Settings.DeepClone().AsObject();
        settings.Remove("withoutMetadata");
        settings["format"] = ".png";
        settings["marking"]!.AsObject().Remove("psnr");
        var options = DatasetMarkingOptions.Of(manifest with { Settings = settings });
        Assert.Equal((ImageFormat.Png, (double?)null, false), (options.Encoding.Format, options.Marking.Psnr, options.WithoutMetadata));
        Assert.Equal(42, DatasetMarkingOptions.Of(manifest).Marking.Psnr);
    }

    [Fact]
    public void Validate_OriginalFormatWithoutPsnr_IsRefused() =>
        Assert.StartsWith(
            "--psnr",
            Assert.Throws<IsotopeException>(() => (Options with { Marking = new MarkingOptions { Psnr = null } }).Validate()).Message
        );

    [Fact]
    public void Notice_Commitment_IsNamedInBothFiles()
    {
        TrainingNotice.Write(folder.File("marked"), "abc123");
        var assertion = JsonNode.Parse(File.ReadAllText(folder.File($"marked/{TrainingNotice.AssertionFile}")))!;
        Assert.Equal("notAllowed", assertion["data"]!["entries"]!["cawg.ai_training"]!["use"]!.ToString());
        Assert.Equal("abc123", assertion["commitment"]!.ToString());
        Assert.Contains("abc123", File.ReadAllText(folder.File($"marked/{TrainingNotice.TextFile}")));
    }

    public void Dispose() => folder.Dispose();

    private Dataset Write(int perClass, Func<int, ImageEncoding> encoding, ReadOnlySpan<byte> metadata = default)
    {
        for (var i = 0; i < 3 * perClass; i++)
        {
            var path = folder.File($"vanilla/class{i % 3}/{i:D2}{encoding(i / 3).Extension}");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var file = ImageCodec.Encode("image", Fixtures.Image(32, 24 + i % 5, 3, i), encoding(i / 3));
            byte[] segment = metadata.Length > 0 ? [0xff, 0xe1, 0, (byte)(metadata.Length + 2), .. metadata] : [];
            File.WriteAllBytes(path, [.. file[..2], .. segment, .. file[2..]]);
        }

        return Dataset.Open(folder.File("vanilla"));
    }

    private Manifest Mark(Dataset vanilla, DatasetMarkingOptions? options = null, string output = "marked")
    {
        var classes = vanilla.ClassNames.Count;
        using var network = classes == 3 ? Fixtures.LoadedNetwork(folder) : Fixtures.RandomNetwork(classes);
        var key = classes == 3 ? Key : CarrierKey.FromSeed(classes, 64, 11);
        return new DatasetMarker(vanilla, key, network, options ?? Options).Run(folder.File(output));
    }

    private string[] Files(string name) => Directory.GetFiles(folder.File(name), "*", SearchOption.AllDirectories);

    private IEnumerable<string> Names(string name) => Files(name).Select(file => Path.GetRelativePath(folder.File(name), file)).Order();

    private static void AssertSameTables(JpegFile before, JpegFile after)
    {
        Assert.Equal(before.Components, after.Components);
        Assert.All(before.Components, component => Assert.Equal(before.StepsOf(component), after.StepsOf(component)));
    }

    /// <summary>The members' headers without sizes and checksums.</summary>
    private static List<string> Headers(string tar)
    {
        var bytes = File.ReadAllBytes(tar);
        var headers = new List<string>();
        for (var at = 0; at + 512 <= bytes.Length && bytes[at] != 0; )
        {
            var size = Convert.ToInt32(Encoding.ASCII.GetString(bytes, at + 124, 11).Trim('\0', ' '), 8);
            headers.Add(
                Convert.ToHexString([.. bytes[at..(at + 124)], .. bytes[(at + 136)..(at + 148)], .. bytes[(at + 156)..(at + 512)]])
            );
            at += 512 + (size + 511) / 512 * 512;
        }

        return headers;
    }
}
