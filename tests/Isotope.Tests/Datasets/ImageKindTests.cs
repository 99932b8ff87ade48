using Isotope.Datasets;
using Isotope.Tests.Datasets.Formats;

namespace Isotope.Tests.Datasets;

/// <summary>Images as cameras and editors write them, made by Pillow and compared with the pixels that it reads.</summary>
public sealed class ImageKindTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Decode_OrientationOfExif_IsNotApplied(int orientation) =>
        Assert.Equal(
            GoldenDatasets.PixelsOf("orientation1.jpg"),
            ImageCodec.Decode(GoldenDatasets.PathOf($"orientation{orientation}.jpg")).Sha256()
        );

    [Theory]
    [InlineData("grey.png", 1)]
    [InlineData("grey.jpg", 1)]
    [InlineData("cmyk.jpg", 3)]
    [InlineData("palette.png", 3)]
    public void Decode_GreyPaletteAndCmyk_HasThePixelsOfPillow(string name, int channels) =>
        Assert.Equal(channels, AssertPixels(name).Channels);

    [Fact]
    public void Decode_Alpha_IsKeptBesideTheColours()
    {
        var image = ImageCodec.Decode(GoldenDatasets.PathOf("alpha.png"));
        Assert.Equal(Enumerable.Range(0, 96).Select(i => (byte)i), image.Alpha);
        Assert.Equal(3, image.Channels);
        Assert.Equal(GoldenDatasets.PixelsOf("alpha.png colours"), (image with { Alpha = null }).Sha256());
    }

    [Fact]
    public void Decode_SixteenBits_IsRefusedByName() =>
        Assert.Contains(
            "sixteen.png: expected 8 bits per channel, found 16",
            Assert.Throws<IsotopeException>(() => ImageCodec.Decode(GoldenDatasets.PathOf("sixteen.png"))).Message
        );

    private static PixelImage AssertPixels(string name)
    {
        var image = ImageCodec.Decode(GoldenDatasets.PathOf(name));
        Assert.Equal(GoldenDatasets.PixelsOf(name), image.Sha256());
        return image;
    }
}
