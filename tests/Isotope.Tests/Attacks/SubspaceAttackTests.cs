using Isotope.Attacks;
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
        var (published, clean) = (Fixtures.WriteFolder(folder.File("a"), perClass: 12), Fixtures.WriteFolder(folder.File("b"), perClass: 8));
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

    [Fact]
    public void Directions_NoSuchPrincipalDirection_IsRefused()
    {
        using var network = Fixtures.RandomNetwork();
        Assert.Throws<IsotopeException>(() => SubspaceAttack.PrincipalDirections(network, Fixtures.WriteFolder(folder.File("a")), 64));
    }

    public void Dispose() => folder.Dispose();
}
