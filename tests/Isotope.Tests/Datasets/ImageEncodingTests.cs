using CsCheck;
using Isotope.Datasets;

namespace Isotope.Tests.Datasets;

public sealed class ImageEncodingTests
{
    private static readonly Gen<PixelImage> Images = Gen.Select(
        Gen.Int[1, 24],
        Gen.Int[1, 24],
        Gen.Bool,
        Gen.Long,
        (width, height, isGrey, seed) => Fixtures.Image(width, height, isGrey ? 1 : 3, seed)
    );

    [Fact]
    public void Encode_Lossless_ReadersSeeTheSamePixels() =>
        Gen.Select(Images, Gen.OneOf(Gen.Const(ImageFormat.Png), Gen.Const(ImageFormat.WebP), Gen.Const(ImageFormat.Npy)))
            .Sample(
                (image, format) =>
                {
                    var pixels = new ImageEncoding(format).Encode("x", image).Pixels;
                    return Quality.Compare(image, pixels) == new Quality(null, 0) && pixels.Width == image.Width && pixels.Alpha is null;
                }
            );

    [Fact]
    public void Encode_Transparent_KeepsColoursAndOpacityOfEveryPixel() =>
        Gen.Select(Images, Gen.OneOf(Gen.Const(ImageFormat.Png), Gen.Const(ImageFormat.WebP)), Gen.Int[0, 255])
            .Sample(
                (image, format, start) =>
                {
                    var alpha = Enumerable.Range(0, image.Width * image.Height).Select(i => (byte)(start + i)).ToArray();
                    if (format == ImageFormat.WebP)
                        alpha.AsSpan().Replace((byte)0, (byte)1);
                    var pixels = new ImageEncoding(format).Encode("x", image with { Alpha = alpha }).Pixels;
                    return Quality.Compare(image, pixels) == new Quality(null, 0) && pixels.Alpha!.SequenceEqual(alpha);
                }
            );

    [Fact]
    public void Encode_Jpeg_GivesThePixelsThatItsBytesHave()
    {
        var image = Fixtures.Image(24, 24, 3, 1);
        var (good, bad) = (ImageEncoding.Jpeg(95).Encode("x", image), ImageEncoding.Jpeg(40).Encode("x", image));
        Assert.Equal(good.Pixels.Pixels, ImageCodec.Decode("x", good.Bytes).Pixels);
        Assert.True(Quality.Compare(image, good.Pixels).Psnr > Quality.Compare(image, bad.Pixels).Psnr);
        Assert.Equal(1, ImageEncoding.Jpeg(40).Encode("x", Fixtures.Image(9, 9, 1, 1)).Pixels.Channels);
    }

    [Fact]
    public void Encode_WhatAFormatCannotHold_IsRefusedByName()
    {
        var transparent = Fixtures.Image(2, 2, 3, 1) with { Alpha = [1, 2, 3, 4] };
        foreach (var encoding in new[] { ImageEncoding.Jpeg(90), new ImageEncoding(ImageFormat.Npy) })
            Assert.Contains(
                "x.png: expected an opaque image for",
                Assert.Throws<IsotopeException>(() => encoding.Encode("x.png", transparent)).Message
            );
        Assert.Contains(
            "wholly transparent",
            Assert
                .Throws<IsotopeException>(() => new ImageEncoding(ImageFormat.WebP).Encode("x", transparent with { Alpha = [0, 1, 2, 3] }))
                .Message
        );
        Assert.Contains(
            "a size that .webp can hold",
            Assert.Throws<IsotopeException>(() => new ImageEncoding(ImageFormat.WebP).Encode("x", Fixtures.Image(17_000, 1, 1, 1))).Message
        );
        Assert.Contains("quality: expected 30 to 100, found 29", Assert.Throws<IsotopeException>(() => ImageEncoding.Jpeg(29)).Message);
    }
}
