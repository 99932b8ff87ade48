using CsCheck;
using Isotope.Numerics;
using Isotope.Statistics;

namespace Isotope.Tests.Statistics;

public sealed class SpearmanTests
{
    [Fact]
    public void Test_PerfectlyOpposed_HasOneOrderOfAll()
    {
        double[] x = [1, 2, 3, 4, 5, 6, 7];
        var result = Spearman.Test(x, [.. x.Select(value => -value * value)]);
        Assert.Equal(-1, result.Rho, 1e-12);
        Assert.Equal(-Math.Log10(5040), result.PValue.Log10, 1e-12);
    }

    [Fact]
    public void Test_MoreThanTwelveValues_CountsTheObservedAmongAHundredThousandOrders()
    {
        double[] x = [.. Enumerable.Range(0, 13).Select(i => (double)i)];
        Assert.Equal(1e-5, Spearman.Test(x, [.. x.Reverse()]).PValue.Value, 1e-12);
        Assert.Equal(1, Spearman.Test(x, x).PValue.Value);
        Assert.Equal(0.01, Spearman.Test(x, [.. x.Reverse()], shuffles: 99).PValue.Value, 1e-12);
    }

    /// <summary>Seven zeros and seven ones with three ones in common: half of all pairings have as few in common.</summary>
    [Fact]
    public void Test_TiesBeyondTwelveValues_CountAsMuchAsTheObserved()
    {
        double[] x = [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1];
        double[] y = [1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0];
        Assert.Equal(0.5, Spearman.Test(x, y).PValue.Value, 0.01);
    }

    /// <summary>The ranks' squared differences sum to 4, so ρ = 1 − 6·4/(4·15) = 0.6.</summary>
    [Fact]
    public void Test_FourValues_AgreesWithCountingByHand()
    {
        var result = Spearman.Test([1, 2, 3, 4], [2, 1, 4, 3]);
        Assert.Equal(0.6, result.Rho, 1e-12);
        Assert.Equal(AllOrders([1, 2, 3, 4]).Count(order => Rho(order) <= 0.6 + 1e-9) / 24.0, result.PValue.Value, 1e-12);

        static double Rho(double[] order) => 1 - 6 * order.Select((value, i) => Math.Pow(value - i - 1, 2)).Sum() / (4 * 15);
    }

    /// <summary>By hand: ranks 1, 2½, 2½, 4, 5 and 2½, 2½, 1, 5, 4; ρ = 6.25 / 9.5.</summary>
    [Fact]
    public void Test_Ties_HaveTheirMeanRank() => Assert.Equal(6.25 / 9.5, Spearman.Test([1, 2, 2, 4, 5], [3, 3, 1, 9, 7]).Rho, 1e-12);

    [Theory]
    [InlineData(6)]
    [InlineData(14)]
    public void Test_IndependentValues_PValueIsNoSmallerThanUniform(int count)
    {
        const int draws = 1500;
        var random = new RandomStream(3, "spearman null");
        double[] pValues = [.. Enumerable.Range(0, draws).Select(_ => Spearman.Test(Draw(), Draw(), shuffles: 199).PValue.Value)];
        foreach (var level in (double[])[0.05, 0.2, 0.5])
            Assert.True(pValues.Count(p => p <= level) <= level * pValues.Length + 4 * Math.Sqrt(level * (1 - level) * pValues.Length));
        Assert.InRange(pValues.Average(), 0.5 - 1.3 / Math.Sqrt(draws), 0.55 + 1.3 / Math.Sqrt(draws));

        double[] Draw() => [.. Enumerable.Range(0, count).Select(_ => random.NextGaussian())];
    }

    [Fact]
    public void Test_MonotoneChangesOfTheValues_ChangeNothing() =>
        Gen.Int[-5, 5]
            .Select(value => (double)value)
            .Array[8]
            .Where(values => values.Distinct().Count() > 1)
            .Sample(
                x =>
                {
                    var y = x.Select((value, i) => Math.Sin(9 * value) + i).ToArray();
                    Assert.Equal(Spearman.Test(x, y), Spearman.Test([.. x.Select(Math.Exp)], [.. y.Select(value => 2 * value + 1)]));
                },
                iter: 50
            );

    [Fact]
    public void Test_NoOrder_IsRefused()
    {
        const string NoOrder = "Expected values that differ, found equal ones: they have no order.";
        Assert.Equal(NoOrder, Refused([1, 1, 1], [1, 2, 3]));
        Assert.Equal(NoOrder, Refused([1, 2, 3], [1, 1, 1]));
        Assert.Equal("Expected as many values of both, at least 3, found 2 and 2.", Refused([1, 2], [1, 2]));
        Assert.Equal("Expected as many values of both, at least 3, found 4 and 3.", Refused([1, 2, 3, 4], [1, 2, 3]));
        Assert.Equal("Expected finite values.", Refused([1, 2, double.NaN], [1, 2, 3]));
        Assert.Equal("Expected finite values.", Refused([1, 2, 3], [1, 2, double.PositiveInfinity]));

        static string Refused(double[] x, double[] y) => Assert.Throws<ArgumentException>(() => Spearman.Test(x, y)).Message;
    }

    private static IEnumerable<double[]> AllOrders(double[] values) =>
        values.Length == 0
            ? new double[][] { [] }
            : values.SelectMany(first => AllOrders([.. values.Where(value => value != first)]).Select(rest => (double[])[first, .. rest]));
}
