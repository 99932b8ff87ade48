using CsCheck;
using Isotope.Statistics;

namespace Isotope.Tests.Statistics;

/// <summary>Corrections for several tests, and the tests that check other tests.</summary>
public sealed class CorrectionTests
{
    private static readonly Gen<PValue[]> Family = Gen.Double[-30, 0].Array[1, 20].Select(logs => logs.Select(log10 => new PValue(log10)).ToArray());

    [Fact]
    public void Holm_TextbookFamily_GivesItsAdjustedValues() => Assert.Equal(
        [0.03, 0.06, 0.06, 0.02],
        Holm.Adjust([.. new[] { 0.01, 0.04, 0.03, 0.005 }.Select(PValue.FromValue)]).Select(p => Math.Round(p.Value, 12)));

    [Fact]
    public void Holm_AnyFamily_LiesBetweenThePValueAndBonferroniAndKeepsTheOrder() => Family.Sample(
        family =>
        {
            var adjusted = Holm.Adjust(family);
            foreach (var (p, holm) in family.Zip(adjusted))
                Assert.InRange(holm.Log10, p.Log10 - 1e-12, Math.Min(0, p.Log10 + Math.Log10(family.Length)) + 1e-12);
            var sorted = family.Zip(adjusted).OrderBy(pair => pair.First).Select(pair => pair.Second.Log10).ToArray();
            Assert.Equal(sorted.Order(), sorted);
        },
        threads: 1,
        iter: 1000);

    [Fact]
    public void Holm_TrueNulls_AreRejectedOnceInTwentyFamilies()
    {
        var random = new RandomStream(11, "families");
        var rejected = Enumerable.Range(0, 4000).Count(_ => Holm.Adjust(Uniform(random, 7)).Min().Value <= 0.05);
        Assert.InRange(rejected, 140, 260);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(1000)]
    public void Sidak_UniformPValues_IsUniform(int count)
    {
        var random = new RandomStream(12, "families");
        Uniformity.AssertUniform(Enumerable.Range(0, 1000).Select(_ => Sidak.Combine(Uniform(random, count))), $"{count} p-values");
    }

    [Fact]
    public void Sidak_TinyPValue_IsBonferroni() => Assert.Equal(-997, Sidak.Combine([.. Enumerable.Repeat(new PValue(-1000), 1000)]).Log10, 1e-9);

    [Theory]
    [InlineData(3, 10, 0.5, 0.34375)]
    [InlineData(0, 10, 0.1, 0.6973568802)]
    [InlineData(10, 10, 0.1, 2e-10)]
    [InlineData(5, 10, 0.5, 1)]
    public void TwoSided_SmallCounts_MatchTheirSums(int successes, int trials, double probability, double expected) =>
        Assert.Equal(expected, BinomialTest.TwoSided(successes, trials, PValue.FromValue(probability)).Value, 1e-9);

    [Theory]
    [InlineData(-700, 0, 0)]
    [InlineData(0, 999, 0)]
    [InlineData(-700, 1, -696.7)]
    [InlineData(0, 998, double.NegativeInfinity)]
    public void TwoSided_ExtremeProbability_IsKeptAsALogarithm(double log10, int successes, double expected) =>
        Assert.Equal(expected, BinomialTest.TwoSided(successes, 999, new PValue(log10)).Log10, 0.1);

    [Fact]
    public void Kolmogorov_SquaresOfUniforms_AreNotUniform()
    {
        var random = new RandomStream(13, "sample");
        Assert.True(KolmogorovTest.PValueOf(Uniform(random, 999)).Log10 > -3);
        Assert.True(KolmogorovTest.PValueOf(Uniform(random, 999).Select(p => new PValue(2 * p.Log10))).Log10 < -6);
    }

    private static PValue[] Uniform(RandomStream random, int count) => [.. Enumerable.Range(0, count).Select(_ => PValue.FromValue(random.NextDouble()))];
}
