using Isotope.Attacks;
using Isotope.Datasets;

namespace Isotope.Tests.Attacks;

public sealed class DatasetAttackTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Recompress_Dataset_ReadsWhatJpegLeavesAndTouchesNoFile()
    {
        var dataset = Fixtures.WriteFolder(folder.Path);
        var before = Fixtures.HashesBelow(folder.Path);
        foreach (var (image, original) in DatasetAttack.Recompress(dataset, 50).Images.Zip(dataset.Images))
        {
            Assert.InRange(Quality.Compare(original.Source.Decode(), image.Source.Decode()).Psnr!.Value, 20, 45);
            Assert.Equal(image.Source.Decode().Pixels, ImageCodec.Decode("read", image.Source.Read()).Pixels);
        }

        Assert.Equal(before, Fixtures.HashesBelow(folder.Path));
    }

    [Fact]
    public void AddNoise_Dataset_IsOfTheSizeAskedForTheSameAtEveryReadingAndEachImagesOwn()
    {
        var dataset = Fixtures.WriteFolder(folder.Path, perClass: 2, size: 64);
        var noisy = DatasetAttack.AddNoise(dataset, 2, seed: 1).Images;
        Assert.All(
            noisy.Zip(dataset.Images),
            pair => Assert.InRange(Quality.Compare(pair.Second.Source.Decode(), pair.First.Source.Decode()).Psnr!.Value, 41.5, 42.5)
        );
        Assert.Equal(noisy[0].Source.Decode().Pixels, noisy[0].Source.Decode().Pixels);
        var (first, second) = (Noise(0), Noise(1));
        Assert.NotEqual(first, second);

        int[] Noise(int i) => [.. noisy[i].Source.Decode().Pixels.Zip(dataset.Images[i].Source.Decode().Pixels, (a, b) => a - b)];
    }

    public void Dispose() => folder.Dispose();
}
