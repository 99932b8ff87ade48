using System.IO.Compression;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Networks;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Tests.Networks.Foreign;

/// <summary>The white-box test of ONNX and TorchScript models, with a marking network of the catalogue.</summary>
public sealed class ForeignDetectionTests : IDisposable
{
    private const int Keys = 20;
    private readonly TemporaryFolder folder = new();
    private readonly TorchNetwork marking = Fixtures.RandomNetwork();
    private readonly Dataset images;

    public ForeignDetectionTests() => images = Fixtures.WriteFolder(folder.File("vanilla"), classes: 10, perClass: 10);

    [Theory]
    [InlineData("gemm.onnx")]
    [InlineData("traced.pt")]
    public void Test_UnmarkedForeignModel_IsNotDetected(string file)
    {
        using var tested = ForeignFiles.Load(file);
        var aligned = AlignedClassifier.Compute(marking, tested, images);
        Assert.All(
            Enumerable.Range(0, Keys),
            seed => Assert.True(WhiteBoxTest.Test(CarrierKey.FromSeed(10, 64, seed), aligned, manifestChecked: false).PValue.Log10 > -3)
        );
    }

    [Theory]
    [InlineData("gemm.onnx")]
    [InlineData("traced.pt")]
    public void Run_ForeignModelWithRowsTowardsTheCarriers_IsDetected(string file)
    {
        var key = CarrierKey.FromSeed(10, 64, 5);
        using var vanilla = ForeignFiles.Load(file);
        using var nudged = Network.Load(Nudge(file, vanilla, key), overrides: new InputOverride { Size = ForeignFiles.Size });
        Assert.True(WhiteBoxTest.Run(key, marking, vanilla, images).PValue.Log10 > -3);
        Assert.True(WhiteBoxTest.Run(key, marking, nudged, images).PValue.Log10 < -5);
    }

    /// <summary>The model with W + s · u M⁺ as its classifier, whose rows are near the carriers in the marking network's space.</summary>
    private string Nudge(string file, Network network, CarrierKey key)
    {
        using var scope = NewDisposeScope();
        using var alignment = new LeastSquaresAlignment(marking.FeatureDimension, network.FeatureDimension);
        Tensor[] pixels = [.. ImageLoader.Batches(images.Images, 100, default).Single().Pixels.Select(Views.ToTensor)];
        alignment.Add(marking.CentreFeatures(pixels), network.CentreFeatures(pixels));
        var map = alignment.Solve().Map;
        var towards = key.ToTensor().to(float64).matmul(linalg.pinv(map));
        var share = network.Weight.to(float64).matmul(map).norm().Times(10) / towards.matmul(map).norm();
        var weight = network.Weight.Plus((share * towards).to(float32));
        return Replace(file, network.Weight.contiguous().bytes.ToArray(), weight.contiguous().bytes.ToArray());
    }

    /// <summary>A copy of the file with some bytes, which it contains once, replaced.</summary>
    private string Replace(string file, byte[] old, byte[] wanted)
    {
        var bytes = File.ReadAllBytes(ForeignFiles.PathOf(file));
        if (file.EndsWith(".onnx", StringComparison.Ordinal))
            return folder.Write(file, Replace(bytes, old, wanted));
        using var source = new ZipArchive(new MemoryStream(bytes));
        using var copy = new MemoryStream();
        using (var target = new ZipArchive(copy, ZipArchiveMode.Create))
            foreach (var record in source.Entries)
            {
                using MemoryStream content = new();
                using (var from = record.Open())
                    from.CopyTo(content);
                using var to = target.CreateEntry(record.FullName).Open();
                to.Write(Replace(content.ToArray(), old, wanted));
            }

        return folder.Write(file, copy.ToArray());
    }

    private static byte[] Replace(byte[] bytes, byte[] old, byte[] wanted)
    {
        var at = bytes.AsSpan().IndexOf(old);
        if (at >= 0)
            wanted.CopyTo(bytes, at);
        return bytes;
    }

    public void Dispose()
    {
        marking.Dispose();
        folder.Dispose();
    }
}
