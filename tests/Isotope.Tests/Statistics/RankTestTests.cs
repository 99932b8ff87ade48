using CsCheck;
using Isotope.Numerics;
using Isotope.Statistics;

namespace Isotope.Tests.Statistics;

public sealed class RankTestTests
{
    [Fact]
    public void Combine_OneUnit_IsTheRankOverK()
    {
        foreach (var versions in new[] { 2, 3, 20, 100 })
            for (var rank = 1; rank <= versions; rank += 1 + versions / 10)
                Assert.Equal(Math.Log10((double)rank / versions), RankTest.Combine([rank], versions).Log10, 1e-12);
    }

    [Fact]
    public void Combine_FewUnits_AgreesWithAllOutcomesCounted()
    {
        // Scores as RankTest documents them; every outcome is equally likely.
        Gen.Select(Gen.Int[2, 5], Gen.Int[1, 5])
            .SelectMany((versions, units) => Gen.Int[1, versions].Array[units].Select(ranks => (versions, ranks)))
            .Sample(
                given =>
                {
                    var (versions, ranks) = given;
                    var observed = Statistic(ranks, versions);
                    var outcomes = Outcomes(versions, ranks.Length).ToArray();
                    var share = outcomes.Count(outcome => Statistic(outcome, versions) >= observed) / (double)outcomes.Length;
                    Assert.Equal(Math.Log10(share), RankTest.Combine(ranks, versions).Log10, 1e-12);
                },
                threads: 1,
                iter: 300
            );
    }

    [Theory]
    [InlineData(21_841, 20, true)]
    [InlineData(1000, 10_000, true)]
    [InlineData(130_000, 2, true)]
    [InlineData(1_000_000, 2, false)]
    [InlineData(int.MaxValue, int.MaxValue, false)]
    public void IsFeasible_OfImageNetsSizes_AndNoMore(int units, int versions, bool expected) =>
        Assert.Equal(expected, RankTest.IsFeasible(units, versions));

    [Theory]
    [InlineData(2, 3000)]
    [InlineData(20, 300)]
    public void Combine_FirstEverywhere_HasNoFloor(int versions, int units) =>
        Assert.Equal(-units * Math.Log10(versions), RankTest.Combine([.. Enumerable.Repeat(1, units)], versions).Log10, 1e-8);

    [Fact]
    public void Combine_TwoVersions_IsTheSignTest()
    {
        int[] ranks = [.. Enumerable.Range(0, 1000).Select(i => i < 600 ? 1 : 2)];
        Assert.Equal(Math.Log10(BinomialTail(1000, 600)), RankTest.Combine(ranks, 2).Log10, 1e-10);
    }

    [Fact]
    public void Combine_ManyUnits_AgreesWithTheBinomialLaw()
    {
        foreach (var first in new[] { 30_500, 31_500, 36_000 })
        {
            int[] ranks = [.. Enumerable.Range(0, 60_000).Select(i => i < first ? 1 : 2)];
            Assert.Equal(
                BinomialTest.TwoSided(first, ranks.Length, new PValue(Math.Log10(0.5))).Log10 - Math.Log10(2),
                RankTest.Combine(ranks, 2).Log10,
                1e-8
            );
        }
    }

    [Fact]
    public void Combine_LastNearlyEverywhere_IsNearlyOne() =>
        Assert.Equal(0, RankTest.Combine([.. Enumerable.Repeat(20, 2000), 19], 20).Log10, 1e-12);

    [Fact]
    public void Combine_BetterRank_IsNoLessSignificant() =>
        Gen.Select(Gen.Int[2, 20].Array[1, 20], Gen.Int[0, 19])
            .Sample(
                (ranks, which) =>
                {
                    var before = RankTest.Combine(ranks, 20);
                    ranks[which % ranks.Length]--;
                    Assert.True(RankTest.Combine(ranks, 20).Log10 <= before.Log10 + 1e-12);
                },
                threads: 1,
                iter: 300
            );

    [Fact]
    public void Combine_LastEverywhereOrNothing_IsOne()
    {
        Assert.Equal(0, RankTest.Combine([20, 20, 20], 20).Log10);
        Assert.Equal(0, RankTest.Combine([], 20).Log10);
    }

    [Fact]
    public void Combine_UniformRanks_KeepsEveryLevel()
    {
        const int seed = 4711;
        var random = new RandomStream(seed, "ranks");
        double[] sample =
        [
            .. Enumerable
                .Range(0, 4000)
                .Select(_ => RankTest.Combine([.. Enumerable.Range(0, 10).Select(_ => 1 + random.Next(20))], 20).Value),
        ];
        foreach (var level in new[] { 0.5, 0.1, 0.05, 0.01 })
        {
            // The lattice is fine enough that the level is also reached.
            var allowed = 4.5 * Math.Sqrt(level * (1 - level) / sample.Length);
            Assert.InRange(sample.Count(p => p <= level) / (double)sample.Length, level - allowed - 0.01, level + allowed);
        }
    }

    [Fact]
    public void Combine_RankOutOfRange_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => RankTest.Combine([0], 20));
        Assert.Throws<ArgumentOutOfRangeException>(() => RankTest.Combine([21], 20));
        Assert.Throws<ArgumentOutOfRangeException>(() => RankTest.Combine([1], 1));
    }

    private static int Statistic(IEnumerable<int> ranks, int versions) =>
        ranks.Sum(rank => (int)Math.Round(100 * Math.Log((versions - 0.5) / (rank - 0.5))));

    private static IEnumerable<int[]> Outcomes(int versions, int units) =>
        units == 0
            ? new int[][] { [] }
            : Outcomes(versions, units - 1).SelectMany(rest => Enumerable.Range(1, versions).Select(rank => rest.Append(rank).ToArray()));

    private static double BinomialTail(int n, int from)
    {
        var probability = Math.Pow(0.5, n);
        var sum = 0.0;
        for (var k = 0; k <= n; k++)
        {
            if (k >= from)
                sum += probability;
            probability *= (double)(n - k) / (k + 1);
        }

        return sum;
    }
}
