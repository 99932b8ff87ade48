using System.Globalization;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Marking;

namespace Isotope.Tests.Marking;

/// <summary>A judge who looks at files but not at pixels can't tell which of the published images are marked.</summary>
public sealed class PublishedFilesTests : IDisposable
{
    private const int PerClass = 80;
    private readonly TemporaryFolder folder = new();

    /// <summary>
    /// 120 of 240 are marked, so that an AUC by chance has a standard deviation of 0.037. Half of the files have metadata; sizes differ, as
    /// they do among photos.
    /// </summary>
    [Theory]
    [InlineData(75)]
    [InlineData(95)]
    [InlineData(null)]
    public void Run_ByDefault_AJudgeOfFilesIsNearChance(int? quality)
    {
        var encoding = quality is { } q ? ImageEncoding.Jpeg(q) : ImageEncoding.Png;
        for (var i = 0; i < 3 * PerClass; i++)
        {
            var path = folder.File($"vanilla/class{i % 3}/{i:D3}{encoding.Extension}");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var file = ImageCodec.Encode("image", Fixtures.Image(24 + i * 7 % 11, 24 + i * 5 % 13, 3, i), encoding);
            File.WriteAllBytes(path, quality is not null && i / 3 % 2 == 0 ? [.. file[..2], 0xff, 0xfe, 0, 4, 1, 2, .. file[2..]] : file);
            File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddDays(1000 + i));
        }

        using var network = Fixtures.RandomNetwork();
        var options = new DatasetMarkingOptions
        {
            Fraction = 0.5,
            Marking = new MarkingOptions { Iterations = 4 },
        };
        var vanilla = Dataset.Open(folder.File("vanilla"));
        var manifest = new DatasetMarker(vanilla, CarrierKey.FromSeed(3, 64, 11), network, options).Run(folder.File("published"));
        var marked = manifest.Images.Select(image => image.File).ToHashSet();
        var looks = Dataset
            .Open(folder.File("published"))
            .Images.ToLookup(image => marked.Contains(image.Id), image => Look(image.Source.Name));
        Assert.Equal(PerClass * 3 / 2, looks[true].Count());
        foreach (var (feature, name) in Features.Index())
            Assert.True(
                Math.Abs(Auc([.. looks[true].Select(look => look[feature])], [.. looks[false].Select(look => look[feature])]) - 0.5) < 0.1,
                name
            );
    }

    public void Dispose() => folder.Dispose();

    private static readonly string[] Features = ["extension", "size", "size of a pixel", "form", "length of tables", "time", "mode"];

    /// <summary>What a file shows: numbers, and hashes of what would have to be rare to tell anything.</summary>
    private static double[] Look(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var pixels = ImageCodec.Decode(path);
        var (form, tables) = path.EndsWith(".png", StringComparison.Ordinal) ? PngForm(bytes) : JpegForm(bytes);
        return
        [
            HashOf(Path.GetExtension(path)),
            bytes.Length,
            (double)bytes.Length / (pixels.Width * pixels.Height),
            HashOf(form),
            tables,
            File.GetLastWriteTimeUtc(path).Ticks,
            OperatingSystem.IsWindows() ? 0 : (double)File.GetUnixFileMode(path),
        ];
    }

    /// <summary>The order of chunks, the kind of pixels and the header of the compressed data.</summary>
    private static (string Form, int Tables) PngForm(byte[] png)
    {
        var chunks = Png.Chunks(png).Select(chunk => Convert.ToHexString(png.AsSpan(chunk.Start + 4, 4)));
        return (string.Join(' ', chunks) + Convert.ToHexString(png.AsSpan(24, 5)) + Convert.ToHexString(png.AsSpan(41, 2)), 0);
    }

    /// <summary>All segments but the size of the image and Huffman tables, whose length counts on its own.</summary>
    private static (string Form, int Tables) JpegForm(byte[] jpeg)
    {
        var (form, tables) = ("", 0);
        for (int at = 2, length = 0; jpeg[at + 1] != 0xda; at += length)
        {
            length = 2 + (jpeg[at + 2] << 8) + jpeg[at + 3];
            tables += jpeg[at + 1] == 0xc4 ? length : 0;
            form += Convert.ToHexString(jpeg.AsSpan(at, jpeg[at + 1] is 0xc4 or 0xc0 ? 2 : length));
        }

        return (form, tables);
    }

    private static double HashOf(string text) => int.Parse(Hash(text)[..6], NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static string Hash(string text) => Isotope.Files.Hashes.OfBytes(System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>The probability that a marked file has the higher value, ties counted half.</summary>
    private static double Auc(double[] marked, double[] others) =>
        marked.Average(value =>
            others.Average(other =>
                value > other ? 1
                : value == other ? 0.5
                : 0
            )
        );
}
