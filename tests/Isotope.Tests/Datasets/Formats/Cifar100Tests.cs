using Isotope.Datasets;

namespace Isotope.Tests.Datasets.Formats;

/// <summary>Binary batches of CIFAR-100.</summary>
public sealed class Cifar100Tests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Open_Cifar100_HasFineLabels()
    {
        byte[] Record(byte coarse, byte fine) => [coarse, fine, .. Enumerable.Repeat(fine, 3072)];
        File.WriteAllBytes(folder.File("train.bin"), [.. Record(3, 17), .. Record(5, 99)]);
        var dataset = Dataset.Open(folder.File("train.bin"));
        Assert.Equal([17, 99], dataset.Images.Select(image => image.Label));
        Assert.All(dataset.Images, image => Assert.All(image.Source.Decode().Pixels, value => Assert.Equal(image.Label, value)));
    }

    public void Dispose() => folder.Dispose();
}
