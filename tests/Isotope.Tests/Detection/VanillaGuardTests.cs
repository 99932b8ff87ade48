using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Marking;
using Isotope.Numerics;
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
        foreach (var image in manifest.Images)
            Disguise(image, quality, size, folder.File("disguised"));
        var disguised = Dataset.Open(folder.File("disguised"));
        var message = Assert.Throws<IsotopeException>(() => VanillaGuard.Keep(disguised, manifest)).Message;
        Assert.StartsWith(
            $"{disguised.Root}: expected vanilla images, found {manifest.Images.Count} of {manifest.Images.Count} that look like marked "
                + $"ones, such as {disguised.Root}",
            message
        );
        Assert.EndsWith("; give other images, or the originals as they were marked", message);
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
    public void Keep_TwoPercentThatLookMarked_AreLeftOutAndMoreAreRefused()
    {
        var manifest = Mark();
        var many = Fixtures.WriteFolder(folder.File("other"), perClass: 33);
        foreach (var image in manifest.Images.Take(2))
            Disguise(image, 90, 16, folder.File("two"));
        var two = Dataset.Open(folder.File("two")).Images;
        Assert.Equal(98, VanillaGuard.Keep(many with { Images = [.. two, .. many.Images.Take(98)] }, manifest).Images.Count);
        var message = Assert
            .Throws<IsotopeException>(() => VanillaGuard.Keep(many with { Images = [.. many.Images.Take(97), .. two] }, manifest))
            .Message;
        Assert.Contains($"found 2 of 99 that look like marked ones, such as {two[0].Source.Name};", message);
    }

    [Fact]
    public void Keep_AMarkedImageItself_IsRefused()
    {
        var manifest = Mark();
        var marked = Dataset.Open(folder.File("marked"));
        var message = Assert.Throws<IsotopeException>(() => VanillaGuard.Keep(marked, manifest)).Message;
        Assert.EndsWith(
            ": expected a vanilla image, found one that the manifest says is marked; marked images would bias the p-value",
            message
        );
        Assert.Contains(
            marked.Images,
            image => message.StartsWith($"{image.Source.Name}:", StringComparison.Ordinal) && manifest.Images.Any(m => m.File == image.Id)
        );
    }

    [Theory]
    [InlineData(5, 0)]
    [InlineData(-5, 0)]
    [InlineData(6, 1)]
    [InlineData(-6, 1)]
    public void Keep_ImageOfAnotherBrightness_IsKeptFromADistanceOfFiveOn(int difference, int kept)
    {
        var grey = Directory.CreateDirectory(folder.File("grey/class0")).FullName;
        File.WriteAllBytes(Path.Combine(grey, "a.png"), ImageCodec.EncodePng(Grey(100 + difference)));
        var thumbnail = Convert.ToBase64String(Thumbnail.Of(Grey(100)));
        var images = Enumerable.Range(0, 99).Select(i => Fixtures.Image(16, 16, 3, 5000 + i));
        foreach (var (i, image) in images.Index())
            File.WriteAllBytes(Path.Combine(grey, $"{i}.png"), ImageCodec.EncodePng(image));
        var manifest = new Manifest([], [new MarkedImage("a", "a", "class0", 42, 1, 1, "source", "file", "pixels", thumbnail)]);
        Assert.Equal(99 + kept, VanillaGuard.Keep(Dataset.Open(folder.File("grey")), manifest).Images.Count);

        static PixelImage Grey(int level) => new(16, 16, 3, [.. Enumerable.Repeat((byte)level, 768)]);
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
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"p at most 1 %: {vanilla.Count(p => p.Value <= 0.01)} vanilla, {marked.Count(p => p.Value <= 0.01)} marked, of {keys}; "
                + $"median log10 p {marked.Select(p => p.Log10).Order().ElementAt(keys / 2):F1}"
        );
    }

    public void Dispose() => folder.Dispose();

    /// <summary>
    /// Tests a suspect that knows the classes but never saw a mark, aligned on images of ten classes in 64 dimensions that are moved along
    /// the carriers: by 2, a quarter of their norm, or by 0.
    /// </summary>
    private static PValue PValueOf(int seed, double shift)
    {
        const int classes = 10;
        const int dimension = 64;
        const int images = 1000;
        using var scope = NewDisposeScope();
        var key = CarrierKey.FromSeed(classes, dimension, seed);
        var generator = new Generator((ulong)seed + 1_000_000);
        var labels = tensor(Enumerable.Range(0, images).Select(image => (long)image % classes).ToArray());
        var centres = randn([classes, dimension], float64, generator: generator).Times(0.5);
        var features = centres[labels].Plus(randn([images, dimension], float64, generator: generator));
        var suspect = features
            .matmul(randn([dimension, dimension], float64, generator: generator))
            .Times(0.02)
            .Plus(nn.functional.one_hot(labels, dimension).to(float64));
        using var alignment = new LeastSquaresAlignment(dimension, dimension);
        alignment.Add(features.Plus(key.ToTensor().to(float64)[labels].Times(shift)), suspect);
        var rows = eye(classes, dimension, float64).matmul(alignment.Solve().Map);
        var aligned = new AlignedClassifier(
            AlignedClassifier.RowsOf(rows),
            [.. Enumerable.Range(0, classes).Select(i => $"{i}")],
            images,
            0,
            1
        );
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
        return new DatasetMarker(
            vanilla,
            CarrierKey.FromSeed(3, 64, 1),
            network,
            new DatasetMarkingOptions
            {
                Fraction = 0.5,
                Marking = new MarkingOptions { Iterations = 4 },
            }
        ).Run(folder.File("marked"));
    }

    private void Disguise(MarkedImage image, int quality, int size, string target)
    {
        var pixels = ImageCodec.Decode(folder.File($"marked/{image.File}"));
        using var scope = NewDisposeScope();
        using var resized = nn
            .functional.interpolate(
                Views.ToTensors([pixels], CPU)[0].unsqueeze(0),
                size: [size, size],
                mode: InterpolationMode.Bilinear,
                align_corners: false
            )
            .round()
            .ClampInPlace(0, 255)[0];
        var path = Path.Combine(target, Dataset.Stem(image.File) + ".disguised.jpg");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(
            path,
            ImageCodec.Encode("image", new PixelImage(size, size, 3, Views.ToBytes(resized)), ImageEncoding.Jpeg(quality))
        );
    }
}
