using Isotope.Attacks;
using Isotope.Datasets;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Tests.Attacks;

/// <summary>Attacks follow their parameters.</summary>
public sealed class AttackOrderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void PrincipalDirections_ByIndex_AreOrderedByVarianceWithin()
    {
        using var scope = NewDisposeScope();
        using var network = Fixtures.RandomNetwork();
        var published = Fixtures.WriteFolder(folder.Path, perClass: 30);
        var features = network
            .CentreFeatures(Views.ToTensors([.. published.Images.Select(image => image.Source.Decode())], CPU))
            .to(float64)
            .view(3, 30, 64);
        var within = features - features.mean([1], keepdim: true);
        double[] variances =
        [
            .. new[] { 0, 1, 5 }.Select(index =>
                einsum("cni,ci->cn", within, SubspaceAttack.PrincipalDirections(network, published, index)).Squared().sum().item<double>()
            ),
        ];
        Assert.True(variances[0] > variances[1] && variances[1] > variances[2]);
        Assert.True(variances[0] > within.Squared().sum().item<double>() / 64);
    }

    [Fact]
    public void Recompress_ToAQuality_IsThatJpeg()
    {
        var dataset = Fixtures.WriteFolder(folder.Path);
        foreach (var (image, original) in DatasetAttack.Recompress(dataset, 50).Images.Zip(dataset.Images))
            Assert.Equal(ImageEncoding.Jpeg(50).Encode("x", original.Source.Decode()).Pixels.Pixels, image.Source.Decode().Pixels);
    }

    public void Dispose() => folder.Dispose();
}
