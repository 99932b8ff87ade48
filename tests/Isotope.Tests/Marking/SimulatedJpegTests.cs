using Isotope.Datasets;
using Isotope.Marking;
using Isotope.Numerics;
using SkiaSharp;
using static TorchSharp.torch;

namespace Isotope.Tests.Marking;

/// <summary>
/// Compares the simulation with a real encoder, on an image with edges, colours and texture, whose sides are not multiples of 16.
/// </summary>
public sealed class SimulatedJpegTests
{
    [Theory]
    [InlineData(75, 3)]
    [InlineData(85, 3)]
    [InlineData(95, 3)]
    [InlineData(75, 1)]
    [InlineData(95, 1)]
    public void Of_Image_IsWhatAnEncoderMakesOfIt(int quality, int channels)
    {
        using var scope = NewDisposeScope();
        var image = Image(channels);
        var real = Views.ToTensor(ImageCodec.Decode("jpeg", Encode(image, quality)));
        var pixels = Views.ToTensor(image);
        var simulated = SimulatedJpeg.Of(pixels, quality);
        Assert.Equal(pixels.shape, simulated.shape);
        var (error, change) = (Rms(simulated - real), Rms(pixels - real));
        Assert.True(error < 1.7 && error < 0.5 * change, $"error {error:F2}, JPEG's own {change:F2}");
    }

    [Fact]
    public void Of_Region_HasTheBlocksOfTheWholeImage()
    {
        using var scope = NewDisposeScope();
        var pixels = Views.ToTensor(Image(3));
        var whole = SimulatedJpeg.Of(pixels, 85);
        var region = SimulatedJpeg.Of(pixels.narrow(1, 5, 32).narrow(2, 9, 40), 85, (9, 5));
        var inner = whole.narrow(1, 16, 16).narrow(2, 16, 32) - region.narrow(1, 11, 16).narrow(2, 7, 32);
        Assert.True(inner.narrow(1, 2, 12).narrow(2, 2, 28).abs().max().item<float>() < 1e-3);
    }

    [Fact]
    public void Of_Gradient_ReachesThePixels()
    {
        using var scope = NewDisposeScope();
        using var pixels = Views.ToTensor(Image(3)).requires_grad_(true);
        var gradient = autograd.grad([SimulatedJpeg.Of(pixels, 85).Squared().sum()], [pixels])[0];
        Assert.True(gradient.isfinite().all().item<bool>());
        Assert.True(gradient.abs().IsAbove(0).to(float32).mean().item<float>() > 0.9);
    }

    private static double Rms(Tensor difference) => Math.Sqrt(difference.Squared().mean().item<float>());

    private static PixelImage Image(int channels)
    {
        var (width, height) = (53, 37);
        var random = new RandomStream(1, "texture");
        var pixels = new byte[width * height * channels];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (x, y, c) = (i / channels % width, i / channels / width, i % channels);
            var value =
                128 + 60 * Math.Sin((x + 2 * c) / 5.0) * Math.Cos(y / 7.0) + (x > 26 ? 30 * (1 - c) : 0) + random.NextDouble(-12, 12);
            pixels[i] = (byte)Math.Clamp(value, 0, 255);
        }

        return new PixelImage(width, height, channels, pixels);
    }

    internal static byte[] Encode(PixelImage image, int quality)
    {
        using var bitmap = SKBitmap.Decode(ImageCodec.EncodePng(image));
        using var jpeg = bitmap.Encode(SKEncodedImageFormat.Jpeg, quality);
        return jpeg.ToArray();
    }
}
