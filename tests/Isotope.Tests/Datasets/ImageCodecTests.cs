using CsCheck;
using Isotope.Datasets;
using SkiaSharp;

namespace Isotope.Tests.Datasets;

public sealed class ImageCodecTests
{
    /// <summary>Reading it would never end.</summary>
    [Fact]
    public void Read_Device_IsRefused()
    {
        if (!OperatingSystem.IsLinux())
            return;
        Assert.Contains("found an empty file", Assert.Throws<IsotopeException>(() => ImageCodec.Decode("/dev/zero")).Message);
    }

    [Fact]
    public void Decode_EncodedPng_GivesTheSamePixels() =>
        Gen.Int[1, 40]
            .Select(Gen.Int[1, 40], Gen.OneOf(Gen.Const(1), Gen.Const(3)), Gen.Long)
            .Sample(
                (width, height, channels, seed) =>
                {
                    var image = Fixtures.Image(width, height, channels, seed);
                    var decoded = ImageCodec.Decode("x.png", ImageCodec.EncodePng(image));
                    return decoded.SameShapeAs(image) && decoded.Pixels.SequenceEqual(image.Pixels);
                }
            );

    [Theory]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Webp)]
    public void Decode_LossyFormats_GivesSimilarPixels(SKEncodedImageFormat format)
    {
        var image = new PixelImage(16, 16, 3, [.. Enumerable.Repeat((byte)100, 16 * 16 * 3)]);
        using var bitmap = SKBitmap.Decode(ImageCodec.EncodePng(image));
        var decoded = ImageCodec.Decode("x", bitmap.Encode(format, 95).ToArray());
        Assert.True(decoded.SameShapeAs(image));
        Assert.True(Quality.Compare(image, decoded).MaxDifference <= 3);
    }

    [Fact]
    public void Decode_AnyTruncation_NeverGivesPartOfAnImage()
    {
        var image = Fixtures.Image(12, 12, 3, 1);
        var png = ImageCodec.EncodePng(image);
        for (var length = 0; length < png.Length; length++)
        {
            try
            {
                Assert.Equal(image.Pixels, ImageCodec.Decode("cut.png", png.AsSpan(0, length)).Pixels);
                Assert.True(length > png.Length - 24, "only checksums may be missing");
            }
            catch (IsotopeException e)
            {
                Assert.StartsWith("cut.png: expected", e.Message);
            }
        }
    }

    [Theory]
    [InlineData(65535)]
    [InlineData(5000)]
    public void Decode_HugeDimensions_IsRefusedBeforeMemoryIsTaken(ushort size)
    {
        var png = ImageCodec.EncodePng(Fixtures.Image(8, 8, 1, 1));
        // Width and height come after the signature and the IHDR chunk's length and type.
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), size);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), size);
        Png.Seal(png);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("million pixels", Assert.Throws<IsotopeException>(() => ImageCodec.Decode("huge.png", png)).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Decode_MissingFile_IsRefusedByName() =>
        Assert.Contains("nowhere.png", Assert.Throws<IsotopeException>(() => ImageCodec.Decode("/nowhere.png")).Message);
}
