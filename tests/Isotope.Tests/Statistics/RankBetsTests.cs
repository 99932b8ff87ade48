using Isotope.Statistics;

namespace Isotope.Tests.Statistics;

public sealed class RankBetsTests
{
    [Theory]
    [InlineData(2, 200)]
    [InlineData(20, 10)]
    public void Add_UniformRanks_ReachesTheLevelNoMoreOftenThanItSays(int versions, int units)
    {
        // Whoever stops at the best moment of a run sees the largest wealth.
        const int seed = 271;
        const int runs = 4000;
        var random = new RandomStream(seed, "ranks");
        double[] best = [.. Enumerable.Range(0, runs).Select(_ => Play(versions, Enumerable.Range(0, units).Select(_ => 1 + random.Next(versions))).PValue.Value)];
        foreach (var level in new[] { 0.2, 0.05, 0.01 })
            Assert.InRange(best.Count(p => p <= level) / (double)runs, 0, level + 4 * Math.Sqrt(level * (1 - level) / runs));
    }

    [Fact]
    public void Add_OneUnit_PaysOneOnAverage()
    {
        foreach (var versions in new[] { 2, 3, 20 })
        {
            var pays = Enumerable.Range(1, versions).Select(rank => Math.Exp(Play(versions, [rank]).LogWealth)).ToArray();
            Assert.Equal(1, pays.Average(), 1e-12);
            Assert.Equal(pays.OrderDescending(), pays);
        }
    }

    [Fact]
    public void Add_FirstEverywhere_GrowsWithoutBound()
    {
        Assert.True(Play(20, Enumerable.Repeat(1, 10)).PValue.Log10 < -9);
        Assert.True(Play(2, Enumerable.Repeat(1, 200)).PValue.Log10 < -50);
    }

    [Fact]
    public void PValue_LaterBadLuck_IsNotTakenBack() =>
        Assert.Equal(Play(20, [1, 1, 1]).PValue, Play(20, [1, 1, 1, 20, 20, 20, 20]).PValue);

    private static RankBets Play(int versions, IEnumerable<int> ranks)
    {
        var bets = new RankBets(versions);
        foreach (var rank in ranks) bets.Add(rank);
        return bets;
    }
}
