using Isotope.Attacks;
using Isotope.Datasets;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Tests.Attacks;

public sealed class SubspaceAttackTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Remove_Directions_LeavesOrthogonalRows()
    {
        using var network = Fixtures.RandomNetwork();
        using var directions = nn.functional.normalize(randn([3, 64]), dim: 1);
        SubspaceAttack.Remove(network, directions);
        using var along = (network.Weight * directions).sum(1).abs();
        Assert.InRange(along.max().item<float>(), 0, 1e-5f);
    }

    [Fact]
    public void Directions_OfAnyImages_AreUnitOnePerClassAndOrderedByVariance()
    {
        using var network = Fixtures.RandomNetwork();
        var published = Fixtures.WriteFolder(folder.File("a"), perClass: 12);
        var clean = Fixtures.WriteFolder(folder.File("b"), perClass: 8);
        using var difference = SubspaceAttack.DirectionsByDifference(network, published, clean);
        using var first = SubspaceAttack.PrincipalDirections(network, published, 0);
        using var second = SubspaceAttack.PrincipalDirections(network, published, 1);
        foreach (var directions in (Tensor[])[difference, first, second])
        {
            Assert.Equal([3, 64], directions.shape);
            Assert.True(directions.norm(dim: 1).allclose(ones(3, dtype: float64)));
        }

        Assert.InRange((first * second).sum(1).abs().max().item<double>(), 0, 1e-9);
    }

    /// <summary>Σv must be parallel to m − μ.</summary>
    [Fact]
    public void DirectionsByDifference_ThroughTheCovariance_AreTheShiftsOfTheClassMeans()
    {
        using var scope = NewDisposeScope();
        using var network = Fixtures.RandomNetwork();
        var published = Fixtures.WriteFolder(folder.File("a"), perClass: 30, firstSeed: 500);
        var clean = Fixtures.WriteFolder(folder.File("b"), perClass: 40);
        var (suspect, vanilla) = (Features(published, 30), Features(clean, 40));
        var within = vanilla - vanilla.mean([1], keepdim: true);
        var covariance = einsum("cni,cnj->ij", within, within).Over(3 * 40);
        covariance = covariance.Plus(covariance.diagonal().mean().Times(1e-3) * eye(64, dtype: float64));
        var back = einsum("ij,cj->ci", covariance, SubspaceAttack.DirectionsByDifference(network, published, clean));
        var shifts = suspect.mean([1]) - vanilla.mean([1]);
        Assert.InRange(nn.functional.cosine_similarity(back, shifts, dim: 1).min().item<double>(), 1 - 1e-6, 1 + 1e-6);

        Tensor Features(Dataset dataset, int perClass) =>
            network
                .CentreFeatures(Views.ToTensors([.. dataset.Images.Select(image => image.Source.Decode())], CPU))
                .to(float64)
                .view(3, perClass, 64);
    }

    [Fact]
    public void Directions_NoSuchPrincipalDirection_IsRefused()
    {
        using var network = Fixtures.RandomNetwork();
        Assert.Throws<IsotopeException>(() => SubspaceAttack.PrincipalDirections(network, Fixtures.WriteFolder(folder.File("a")), 64));
    }

    public void Dispose() => folder.Dispose();
}
