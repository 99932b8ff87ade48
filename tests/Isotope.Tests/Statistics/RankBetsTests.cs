using Isotope.Numerics;
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
        double[] best =
        [
            .. Enumerable
                .Range(0, runs)
                .Select(_ => Play(versions, Enumerable.Range(0, units).Select(_ => 1 + random.Next(versions))).PValue.Value),
        ];
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

    [Fact]
    public void Add_SomeRanks_IsTheMeanWealthOfItsBets()
    {
        int[] ranks = [1, 3, 2, 1];
        var wealth = new[] { 1 / 16.0, 1 / 8.0, 0.25, 0.5, 1, 2, 4 }.Average(strength =>
        {
            var pays = Enumerable.Range(1, 5).Select(rank => Math.Pow(rank - 0.5, -strength)).ToArray();
            return ranks.Aggregate(1.0, (product, rank) => product * 5 * pays[rank - 1] / pays.Sum());
        });
        var bets = Play(5, ranks);
        Assert.Equal(Math.Log(wealth), bets.LogWealth, 1e-12);
        Assert.Equal(Math.Max(bets.LogLargest, bets.LogWealth), bets.LogLargest);
        Assert.Equal(bets.PValue, RankBets.PValueOf(ranks, 5));
        Assert.Equal(-bets.LogLargest, bets.PValue.LogE, 1e-12);
        Assert.Equal((0.0, 0.0), (new RankBets(2).LogLargest, new RankBets(2).LogWealth));
    }

    [Fact]
    public void Add_RankOutOfRange_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RankBets(1));
        Assert.StartsWith(
            "A rank lies between 1 and the number of versions.",
            Assert.Throws<ArgumentOutOfRangeException>(() => new RankBets(5).Add(0)).Message
        );
        Assert.Throws<ArgumentOutOfRangeException>(() => new RankBets(5).Add(6));
        new RankBets(5).Add(5);
    }

    private static RankBets Play(int versions, IEnumerable<int> ranks)
    {
        var bets = new RankBets(versions);
        foreach (var rank in ranks)
            bets.Add(rank);
        return bets;
    }
}
