using Isotope.Datasets;

namespace Isotope.Tests.Datasets;

public sealed class ImageLoaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData(5, long.MaxValue, new[] { 5, 5, 2 })]
    [InlineData(5, 3 * 256, new[] { 3, 3, 3, 3 })]
    [InlineData(5, 3 * 256 + 1, new[] { 4, 4, 4 })]
    [InlineData(2, 1, new[] { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 })]
    [InlineData(100, 1 << 25, new[] { 12 })]
    public void Batches_ByCountOrPixels_HoldAllImagesInOrder(int size, long pixels, int[] expected)
    {
        var images = Fixtures.WriteFolder(folder.File("images"), size: 16).Images;
        var batches = ImageLoader.Batches(images, size, pixels, TestContext.Current.CancellationToken).ToArray();
        Assert.Equal(expected, batches.Select(batch => batch.Images.Count));
        Assert.Equal(images, batches.SelectMany(batch => batch.Images));
        Assert.Equal(
            images.Select(image => image.Source.Decode().Sha256()),
            batches.SelectMany(batch => batch.Pixels).Select(image => image.Sha256())
        );
    }

    [Fact]
    public void Batches_OfNothing_AreNone() => Assert.Empty(ImageLoader.Batches([], 4, TestContext.Current.CancellationToken));

    public void Dispose() => folder.Dispose();
}
