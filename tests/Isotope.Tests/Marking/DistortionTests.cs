using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Marking;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Tests.Marking;

/// <summary>Distortions that a mark survives, and masks that say where it may be.</summary>
public sealed class DistortionTests
{
    [Theory]
    [InlineData(Distortions.None, 1)]
    [InlineData(Distortions.Jpeg, 12)]
    [InlineData(Distortions.Resize, 12)]
    [InlineData(Distortions.Jpeg | Distortions.Resize, 22)]
    public void Draw_Distortions_AreAsManyAsAskedForAndFollowFromTheStream(Distortions distortions, int atLeast)
    {
        using var scope = NewDisposeScope();
        var image = Texture(left: 20, right: 20);
        Assert.InRange(Different(1), atLeast, 41);
        Assert.Equal(Different(1), Different(1));

        int Different(long seed)
        {
            var random = new RandomStream(seed, "distortions");
            return Enumerable
                .Range(0, 60)
                .Select(_ => Convert.ToHexString(Views.ToBytes(Distortion.Draw(image, distortions, corner: default, random).round())))
                .Distinct()
                .Count();
        }
    }

    [Theory]
    [InlineData(Distortions.Jpeg, null)]
    [InlineData(Distortions.None, 80)]
    public void Mark_RobustToJpegOrStoredAsOne_KeepsMoreOfItsDisplacementAfterARealEncoder(Distortions robustTo, int? stored)
    {
        using var scope = NewDisposeScope();
        using var network = Fixtures.RandomNetwork();
        var originals = Enumerable.Range(0, 6).Select(i => Texture(10 + i, 14)).ToArray();
        var carriers = CarrierKey.FromSeed(6, 64, 5).ToTensor();
        var (plain, robust) = (Left(new MarkingOptions()), Left(new MarkingOptions { Robust = robustTo, JpegQuality = stored }));
        Assert.True(robust > plain + 0.1 * Math.Abs(plain), $"left of a robust mark {robust:F3}, of a plain one {plain:F3}");

        double Left(MarkingOptions more)
        {
            var options = more with { Psnr = 38, Iterations = 20, Augmentation = Augmentation.Centre };
            RandomStream[] streams = [.. originals.Select((_, i) => new RandomStream(i, "views"))];
            Tensor[] sent = [.. new Marker(network, options).Mark(originals, carriers, streams).Select(Recompressed)];
            var shift = network.CentreFeatures(sent) - network.CentreFeatures([.. originals.Select(Recompressed)]);
            return (shift * carriers).sum(1).mean().item<float>();
        }
    }

    [Fact]
    public void PerceptualMask_SmoothAndTexturedHalves_ChangesTheTexturedOne()
    {
        using var scope = NewDisposeScope();
        var image = Texture(left: 0, right: 40);
        var mask = PerceptualMask.Of(image);
        Assert.Equal([1, 32, 32], mask.shape);
        Assert.InRange(mask.narrow(2, 0, 12).max().item<float>(), PerceptualMask.InFlatAreas - 0.01, PerceptualMask.InFlatAreas + 0.01);
        Assert.InRange(mask.narrow(2, 20, 12).mean().item<float>(), 0.85, 1);

        var (plain, masked) = (SmoothShare(false), SmoothShare(true));
        Assert.True(masked < 0.4 * plain, $"share of the change in the smooth half {masked:F3} with the mask, {plain:F3} without");

        double SmoothShare(bool withMask)
        {
            using var network = Fixtures.RandomNetwork();
            var options = new MarkingOptions
            {
                Psnr = 38,
                Augmentation = Augmentation.Centre,
                PerceptualMask = withMask,
            };
            var carrier = CarrierKey.FromSeed(2, 64, 5).ToTensor().narrow(0, 0, 1);
            var marked = new Marker(network, options).Mark([image], carrier, [new RandomStream(1, "views")])[0];
            var change = (marked - image).Squared();
            return change.narrow(2, 0, 16).sum().item<float>() / change.sum().item<float>();
        }
    }

    private static Tensor Recompressed(Tensor image)
    {
        var pixels = new PixelImage((int)image.shape[2], (int)image.shape[1], 3, Views.ToBytes(image));
        return Views.ToTensor(ImageCodec.Decode("jpeg", SimulatedJpegTests.Encode(pixels, quality: 80)));
    }

    /// <summary>An image of grey noise, with these amplitudes in its halves.</summary>
    private static Tensor Texture(int left, int right)
    {
        var random = new RandomStream(left + 100 * right, "texture");
        var image = zeros([3, 32, 32]).Plus(128);
        for (var y = 0; y < 32; y++)
        for (var x = 0; x < 32; x++)
            image[.., y, x] = 128 + (float)Math.Round(random.NextDouble(-1, 1) * (x < 16 ? left : right));
        return image;
    }
}
