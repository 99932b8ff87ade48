using System.Formats.Tar;
using System.Text;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Marking;
using Isotope.Runs;
using Isotope.Tests.Datasets.Formats;

namespace Isotope.Tests.Marking;

/// <summary>With uniform encoding, files reveal which images are marked only by their pixels and what follows from these.</summary>
public sealed class UniformEncodingTests : IDisposable
{
    private static readonly CarrierKey Key = CarrierKey.FromSeed(3, 64, 11);
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData(ImageFormat.Png)]
    [InlineData(ImageFormat.WebP)]
    [InlineData(ImageFormat.Npy)]
    [InlineData(ImageFormat.Jpeg)]
    public void Run_Folder_GivesAllFilesTheSameFormTimeAndMode(ImageFormat format)
    {
        var manifest = Mark(Mixed(), new ImageEncoding(format, format == ImageFormat.Jpeg ? 95 : null), uniform: true);
        Assert.InRange(manifest.Images.Count, 8, 40);
        var marked = Dataset.Open(folder.File("marked"));
        Assert.Single(marked.Images.Select(image => Form(image.Source.Name)).Distinct());
        AssertPixels(marked, manifest);
    }

    [Fact]
    public void Run_FolderWithoutUniformEncoding_IsToldApartByItsForm()
    {
        Mark(Mixed(), ImageEncoding.Png, uniform: false);
        Assert.True(Dataset.Open(folder.File("marked")).Images.Select(image => Form(image.Source.Name)).Distinct().Count() > 1);
    }

    [Fact]
    public void Run_WithoutUniformEncoding_GivesAllFilesTheSameTime()
    {
        Mark(Mixed(), ImageEncoding.Png, uniform: false);
        Assert.Single(
            Directory.EnumerateFiles(folder.File("marked"), "*", SearchOption.AllDirectories).Select(File.GetLastWriteTimeUtc).Distinct()
        );
    }

    [Fact]
    public void Run_Tar_WritesAllImagesAlike()
    {
        var vanilla = Dataset.Open(GoldenDatasets.Copy(folder, "train-000000.tar", "train-000001.tar"));
        var manifest = Mark(vanilla, ImageEncoding.Png, uniform: true);
        var forms = new HashSet<string>();
        foreach (var path in Directory.EnumerateFiles(folder.File("marked")).Order())
        {
            using var reader = new TarReader(File.OpenRead(path));
            while (reader.GetNextEntry(copyData: true) is { } entry)
            {
                if (!Path.HasExtension(entry.Name) || Path.GetExtension(entry.Name) != ".png")
                    continue;
                using var image = new MemoryStream();
                entry.DataStream!.CopyTo(image);
                forms.Add($"{entry.Format} {entry.Mode} {entry.EntryType} {PngForm(image.ToArray())}");
            }
        }

        Assert.Single(forms);
        AssertPixels(Dataset.Open(folder.File("marked")), manifest);
    }

    [Theory]
    [InlineData("hf.parquet", "hf.parquet")]
    [InlineData("train-images-idx3-ubyte.gz train-labels-idx1-ubyte.gz", "")]
    public void Run_OtherContainers_KeepVanillaPixelsAndMarkedOnes(string files, string given)
    {
        var vanilla = Dataset.Open(Path.Combine(GoldenDatasets.Copy(folder, files.Split(' ')), given));
        var manifest = Mark(vanilla, ImageEncoding.Png, uniform: true);
        AssertPixels(Dataset.Open(Path.Combine(folder.File("marked"), given)), manifest);
    }

    [Fact]
    public void Run_Interrupted_EndsWithTheSameBytes()
    {
        var vanilla = Mixed();
        Mark(vanilla, ImageEncoding.Png, uniform: true);
        using var cancellation = new CancellationTokenSource();
        var interrupt = new Stop(cancellation);
        Assert.ThrowsAny<OperationCanceledException>(() =>
            Marker(vanilla, ImageEncoding.Png, uniform: true).Run(folder.File("again"), interrupt, cancellation.Token)
        );
        if (!OperatingSystem.IsWindows())
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
                File.GetUnixFileMode(folder.File("again.staging"))
            );
        Marker(vanilla, ImageEncoding.Png, uniform: true).Run(folder.File("again"));
        Assert.Equal(Fixtures.HashesBelow(folder.File("marked")), Fixtures.HashesBelow(folder.File("again")));
        Assert.False(Directory.Exists(folder.File("again.staging")));
    }

    public void Dispose() => folder.Dispose();

    /// <summary>A dataset as from the web: JPEG and PNG files of different times and modes.</summary>
    private Dataset Mixed()
    {
        for (var i = 0; i < 48; i++)
        {
            var encoding = i % 3 == 0 ? ImageEncoding.Png : ImageEncoding.Jpeg(80 + i % 20);
            var path = folder.File($"vanilla/class{i % 3}/{i:D2}{encoding.Extension}");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, ImageCodec.Encode("image", Fixtures.Image(16, 16, 3, i), encoding));
            File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddDays(1000 + i));
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | (i % 2 == 0 ? UnixFileMode.UserWrite : UnixFileMode.None));
        }

        return Dataset.Open(folder.File("vanilla"));
    }

    private DatasetMarker Marker(Dataset vanilla, ImageEncoding encoding, bool uniform) =>
        new(
            vanilla,
            vanilla.ClassNames.Count == 3 ? Key : CarrierKey.FromSeed(vanilla.ClassNames.Count, 64, 11),
            Fixtures.LoadedNetwork(folder),
            new DatasetMarkingOptions
            {
                Fraction = 0.5,
                UniformEncoding = uniform,
                Encoding = encoding,
                Marking = new MarkingOptions { Iterations = 4 },
            }
        );

    private Manifest Mark(Dataset vanilla, ImageEncoding encoding, bool uniform)
    {
        var manifest = Marker(vanilla, encoding, uniform).Run(folder.File("marked"));
        var expected = vanilla
            .Images.Where(image => manifest.Images.All(marked => marked.Id != image.Id))
            .Select(image => image.Source.Decode().Sha256())
            .ToArray();
        unmarked = encoding.Format == ImageFormat.Jpeg ? [] : expected;
        return manifest;
    }

    private string[] unmarked = [];

    private void AssertPixels(Dataset marked, Manifest manifest)
    {
        var pixels = marked.Images.Select(image => image.Source.Decode().Sha256()).ToHashSet();
        Assert.Subset(pixels, manifest.Images.Select(image => image.PixelsSha256).ToHashSet());
        Assert.Subset(pixels, unmarked.ToHashSet());
    }

    /// <summary>Everything about a file except its pixels and what follows from them.</summary>
    private static string Form(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var mode = OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(path);
        return $"{Path.GetExtension(path)} {File.GetLastWriteTimeUtc(path):O} {mode} {Path.GetExtension(path) switch
        {
            ".png" => PngForm(bytes),
            ".jpg" => JpegForm(bytes),
            ".npy" => Convert.ToHexString(bytes.AsSpan(0, 80)) + bytes.Length,
            _ => Encoding.ASCII.GetString(bytes, 8, 8),
        }}";
    }

    /// <summary>The length, the header, the types and order of chunks, and the header of the compressed data.</summary>
    private static string PngForm(byte[] png)
    {
        var form = new StringBuilder($"{png.Length} {Convert.ToHexString(png.AsSpan(0, 33))}");
        foreach (var at in Png.Chunks(png).Skip(1).Select(chunk => chunk.Start))
            form.Append(' ')
                .Append(Encoding.ASCII.GetString(png, at + 4, 4))
                .Append(Encoding.ASCII.GetString(png, at + 4, 4) == "IDAT" ? Convert.ToHexString(png.AsSpan(at + 8, 2)) : "");
        return form.ToString();
    }

    /// <summary>
    /// All segments before the scan, including quantisation tables; of Huffman tables only the position, since their content follows from
    /// the pixels.
    /// </summary>
    private static string JpegForm(byte[] jpeg)
    {
        var form = new StringBuilder();
        for (var at = 2; jpeg[at + 1] != 0xDA; at += 2 + (jpeg[at + 2] << 8) + jpeg[at + 3])
            form.Append(Convert.ToHexString(jpeg.AsSpan(at, jpeg[at + 1] == 0xC4 ? 2 : 2 + (jpeg[at + 2] << 8) + jpeg[at + 3])));
        return form.ToString();
    }

    private sealed class Stop(CancellationTokenSource cancellation) : IProgress<StageProgress>
    {
        public void Report(StageProgress value)
        {
            if (value.Stage == "copying")
                cancellation.Cancel();
        }
    }
}
