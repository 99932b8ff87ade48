using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Marking;
using Isotope.Statistics;
using static TorchSharp.torch;

namespace Isotope.Tests.Detection;

public sealed class VanillaGuardTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData(95, 16)]
    [InlineData(75, 16)]
    [InlineData(90, 24)]
    public void Keep_MarkedImagesRecompressedOrResized_AreRefused(int quality, int size)
    {
        var manifest = Mark();
        var other = Fixtures.WriteFolder(folder.File("other"), perClass: 40);
        Assert.Equal(other.Images.Count, VanillaGuard.Keep(other, manifest).Images.Count);
        foreach (var image in manifest.Images) Disguise(image, quality, size, folder.File("disguised"));
        var disguised = Dataset.Open(folder.File("disguised"));
        Assert.Contains($"{manifest.Images.Count} of {manifest.Images.Count}", Assert.Throws<IsotopeException>(() => VanillaGuard.Keep(disguised, manifest)).Message);
    }

    [Fact]
    public void Keep_OneDisguisedImageAmongMany_IsLeftOut()
    {
        var manifest = Mark();
        Fixtures.WriteFolder(folder.File("other"), perClass: 40);
        Disguise(manifest.Images[0], 90, 16, folder.File("other"));
        var kept = VanillaGuard.Keep(Dataset.Open(folder.File("other")), manifest);
        Assert.Equal(120, kept.Images.Count);
        Assert.DoesNotContain(kept.Images, image => image.Id.EndsWith(".jpg", StringComparison.Ordinal));
    }

    [Fact]
    public void Keep_TheVanillaOriginals_AreKept()
    {
        var manifest = Mark();
        Assert.Equal(30, VanillaGuard.Keep(Dataset.Open(folder.File("vanilla")), manifest).Images.Count);
    }

    [Fact]
    public void Alignment_OnMarkedImages_WouldGiveTooSmallPValuesAndOnVanillaOnesUniformOnes()
    {
        const int keys = 200;
        PValue[] vanilla = [.. Enumerable.Range(0, keys).Select(seed => PValueOf(seed, shift: 0))];
        PValue[] marked = [.. Enumerable.Range(0, keys).Select(seed => PValueOf(seed, shift: 2))];
        Uniformity.AssertUniform(vanilla, "aligned on vanilla images, 200 keys");
        Assert.InRange(vanilla.Count(p => p.Value <= 0.01), 0, 9);
        Assert.True(marked.Count(p => p.Value <= 0.01) > keys / 2, $"{marked.Count(p => p.Value <= 0.01)} of {keys} at 1 %");
        TestContext.Current.TestOutputHelper!.WriteLine($"p at most 1 %: {vanilla.Count(p => p.Value <= 0.01)} vanilla, {marked.Count(p => p.Value <= 0.01)} marked, of {keys}; median log10 p {marked.Select(p => p.Log10).Order().ElementAt(keys / 2):F1}");
    }

    public void Dispose() => folder.Dispose();

    /// <summary>Images of ten classes in 64 dimensions, moved by a quarter of their norm or not; a suspect that never saw a mark knows the classes; the owner aligns on images moved along the carriers.</summary>
    private static PValue PValueOf(int seed, double shift)
    {
        const int classes = 10, dimension = 64, images = 1000;
        using var scope = NewDisposeScope();
        var key = CarrierKey.FromSeed(classes, dimension, seed);
        var generator = new Generator((ulong)seed + 1_000_000);
        var labels = arange(images).remainder(classes);
        var centres = 0.5 * randn([classes, dimension], float64, generator: generator);
        var features = centres[labels] + randn([images, dimension], float64, generator: generator);
        var suspect = 0.02 * features.matmul(randn([dimension, dimension], float64, generator: generator)) + nn.functional.one_hot(labels, dimension).to(float64);
        using var alignment = new LeastSquaresAlignment(dimension, dimension);
        alignment.Add(features + shift * key.ToTensor().to(float64)[labels], suspect);
        var rows = eye(classes, dimension, float64).matmul(alignment.Solve().Map);
        var aligned = new AlignedClassifier(AlignedClassifier.RowsOf(rows), [.. Enumerable.Range(0, classes).Select(i => $"{i}")], images, 0, 1);
        return WhiteBoxTest.Test(key, aligned, manifestChecked: false).PValue;
    }

    private Manifest Mark()
    {
        var vanilla = new Dataset(folder.File("vanilla"), [], []);
        for (var i = 0; i < 30; i++)
        {
            Directory.CreateDirectory(folder.File($"vanilla/class{i % 3}"));
            File.WriteAllBytes(folder.File($"vanilla/class{i % 3}/{i:D2}.png"), ImageCodec.EncodePng(Fixtures.Image(16, 16, 3, 9000 + i)));
        }

        vanilla = Dataset.Open(vanilla.Root);
        using var network = Fixtures.RandomNetwork();
        return new DatasetMarker(vanilla, CarrierKey.FromSeed(3, 64, 1), network, new DatasetMarkingOptions { Fraction = 0.5, Marking = new MarkingOptions { Iterations = 4 } }).Run(folder.File("marked"));
    }

    private void Disguise(MarkedImage image, int quality, int size, string target)
    {
        var pixels = ImageCodec.Decode(folder.File($"marked/{image.File}"));
        using var scope = NewDisposeScope();
        using var resized = nn.functional.interpolate(Views.ToTensors([pixels], CPU)[0].unsqueeze(0), size: [size, size], mode: InterpolationMode.Bilinear, align_corners: false).round().clamp(0, 255)[0];
        var path = Path.Combine(target, Dataset.Stem(image.File) + ".disguised.jpg");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, ImageCodec.Encode("image", new PixelImage(size, size, 3, Views.ToBytes(resized)), ImageEncoding.Jpeg(quality)));
    }
}
