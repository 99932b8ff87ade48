using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Files;
using Isotope.Marking;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Tests.Marking;

/// <summary>Marking over random views, and of images that are stored as JPEG.</summary>
public sealed class RandomViewMarkingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData(Augmentation.Shift)]
    [InlineData(Augmentation.Resized)]
    public void Mark_OverRandomViews_IsTheLoopWrittenOut(Augmentation augmentation)
    {
        using var scope = NewDisposeScope();
        using var network = Fixtures.RandomNetwork();
        var vanilla = Views.ToTensor(Fixtures.Image(20, 20, 3, 1));
        var carrier = CarrierKey.FromSeed(2, 64, 5).ToTensor().narrow(0, 0, 1);
        var squaredScale = network.GreyLevelsPerUnit(3).Squared();
        var first = Gradient(vanilla, Crop.Centre(20, 20, 1));
        var rate = 1.5f / (squaredScale * first).Squared().mean().sqrt().item<float>();
        var options = new MarkingOptions
        {
            Iterations = 8,
            Psnr = null,
            Rate = rate,
            PixelPenalty = 0,
            FeaturePenalty = 0.3,
            Radius = 6,
            RoundEvery = 100,
            Augmentation = augmentation,
            LeastArea = 0.4,
        };
        var marked = Views.ToBytes(new Marker(network, options).Mark([vanilla], carrier, [new RandomStream(9, "views")])[0]);
        Assert.InRange(Agreement(augmentation, 0.4), 0.97, 1);
        Assert.InRange(Agreement(Augmentation.Centre, 0.4), 0, 0.9);
        if (augmentation == Augmentation.Resized)
            Assert.InRange(Agreement(augmentation, 0.08), 0, 0.9);

        double Agreement(Augmentation views, double least)
        {
            var (current, random) = (vanilla, new RandomStream(9, "views"));
            for (var t = 1; t <= options.Iterations; t++)
            {
                current = current - squaredScale.Times(rate) * Gradient(current, Crop.Draw(views, 20, 20, 1, random, least));
                current = vanilla.Plus((current - vanilla).ClampInPlace(-6, 6)).ClampInPlace(0, 255);
            }

            return Views.ToBytes(current.round()).Zip(marked).Average(pair => pair.First == pair.Second ? 1 : 0);
        }

        Tensor Gradient(Tensor image, Crop view)
        {
            var pixels = image.detach().requires_grad_(true);
            var shift = network.Features(Views.Take(pixels, view, 16).unsqueeze(0)) - network.CentreFeatures([vanilla]);
            return autograd.grad([shift.norm().Times(0.3) - (shift * carrier).sum()], [pixels])[0];
        }
    }

    [Fact]
    public void Mark_OneStep_HasTheRequestedSize()
    {
        using var scope = NewDisposeScope();
        using var network = Fixtures.RandomNetwork();
        var vanilla = zeros([3, 16, 16]).Plus(128);
        var options = new MarkingOptions
        {
            Psnr = null,
            Iterations = 1,
            FirstStep = 20,
            Radius = 255,
            FeaturePenalty = 0,
            Augmentation = Augmentation.Centre,
        };
        var carrier = CarrierKey.FromSeed(2, 64, 5).ToTensor().narrow(0, 0, 1);
        var change = new Marker(network, options).Mark([vanilla], carrier, [new RandomStream(9, "views")])[0] - vanilla;
        Assert.InRange(change.Squared().mean().sqrt().item<float>(), 18, 20.5);
    }

    [Fact]
    public void Run_Jpeg_PublishedVersionIsNotEncodedAgain()
    {
        var key = CarrierKey.FromSeed(3, 64, 11);
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"));
        var manifest = Mark(key, "marked");
        using var network = Fixtures.LoadedNetwork(folder);
        var set = new CounterfactualMarker(vanilla, folder.File("marked"), manifest, key, network, new() { Versions = 3 }).Run();
        Assert.Equal(manifest.Images.Select(image => image.Sha256).Order(), Hashes(0));
        for (var version = 1; version < 3; version++)
            Assert.Equal(
                Mark(Fixtures.KeyOfVersion(key, version), $"other{version}").Images.Select(image => image.Sha256).Order(),
                Hashes(version)
            );

        IEnumerable<string> Hashes(int version) =>
            set.Images.Where(image => image.Version == version).Select(image => image.Sha256).Order();

        Manifest Mark(CarrierKey under, string output)
        {
            using var own = Fixtures.LoadedNetwork(folder);
            var options = new DatasetMarkingOptions
            {
                Fraction = 0.5,
                OnlyMarked = true,
                Encoding = ImageEncoding.Jpeg(95),
                Marking = new MarkingOptions { Iterations = 3, Psnr = 34 },
            };
            return new DatasetMarker(vanilla, under, own, options).Run(folder.File(output));
        }
    }

    [Fact]
    public void Run_StoredAsJpeg_IsMarkedThroughIt()
    {
        var key = CarrierKey.FromSeed(3, 64, 11);
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"));
        using var network = Fixtures.LoadedNetwork(folder);
        var options = new DatasetMarkingOptions
        {
            Fraction = 1,
            OnlyMarked = true,
            Encoding = ImageEncoding.Jpeg(60),
            Marking = new MarkingOptions
            {
                Iterations = 5,
                Augmentation = Augmentation.Centre,
                Psnr = 36,
            },
        };
        var manifest = new DatasetMarker(vanilla, key, network, options).Run(folder.File("marked"));
        using var scope = NewDisposeScope();
        var first = manifest.Images[0];
        var original = vanilla.Images.Single(image => image.Id == first.Id);
        var marked = new Marker(network, options.Marking with { JpegQuality = 60 }).Mark(
            [Views.ToTensor(original.Source.Decode())],
            tensor(key.Carrier(original.Label).ToArray()).unsqueeze(0),
            [key.Stream($"views {first.Id}")]
        )[0];
        var expected = ImageEncoding.Jpeg(60).Encode("x", original.Source.Decode() with { Pixels = Views.ToBytes(marked) });
        Assert.Equal(Hashes.OfBytes(expected.Bytes), first.Sha256);
    }

    [Fact]
    public void Constructor_TwoImagesThatWouldHaveOneName_IsRefused()
    {
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"));
        File.WriteAllBytes(
            folder.File("vanilla/class0/0.jpg"),
            ImageCodec.Encode("x", Fixtures.Image(16, 16, 3, 77), ImageEncoding.Jpeg(90))
        );
        using var network = Fixtures.RandomNetwork();
        var (both, key) = (Dataset.Open(folder.File("vanilla")), CarrierKey.FromSeed(3, 64, 1));
        var e = Assert.Throws<IsotopeException>(() =>
            new DatasetMarker(both, key, network, new DatasetMarkingOptions { Fraction = 1, Encoding = ImageEncoding.Png })
        );
        Assert.Contains("expected no other image named class0/0.png", e.Message);
    }

    public void Dispose() => folder.Dispose();
}
