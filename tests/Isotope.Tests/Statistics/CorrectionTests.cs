using CsCheck;
using Isotope.Numerics;
using Isotope.Statistics;

namespace Isotope.Tests.Statistics;

/// <summary>Corrections for several tests, and the tests that check other tests.</summary>
public sealed class CorrectionTests
{
    private static readonly Gen<PValue[]> Family = Gen.Double[-30, 0]
        .Array[1, 20]
        .Select(logs => logs.Select(log10 => new PValue(log10)).ToArray());

    [Fact]
    public void Holm_TextbookFamily_GivesItsAdjustedValues() =>
        Assert.Equal(
            [0.03, 0.06, 0.06, 0.02],
            Holm.Adjust([.. new[] { 0.01, 0.04, 0.03, 0.005 }.Select(PValue.FromValue)]).Select(p => Math.Round(p.Value, 12))
        );

    [Fact]
    public void Holm_AnyFamily_LiesBetweenThePValueAndBonferroniAndKeepsTheOrder() =>
        Family.Sample(
            family =>
            {
                var adjusted = Holm.Adjust(family);
                foreach (var (p, holm) in family.Zip(adjusted))
                    Assert.InRange(holm.Log10, p.Log10 - 1e-12, Math.Min(0, p.Log10 + Math.Log10(family.Length)) + 1e-12);
                var sorted = family.Zip(adjusted).OrderBy(pair => pair.First).Select(pair => pair.Second.Log10).ToArray();
                Assert.Equal(sorted.Order(), sorted);
            },
            threads: 1,
            iter: 1000
        );

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
    public void Sidak_TinyPValue_IsBonferroni() =>
        Assert.Equal(-997, Sidak.Combine([.. Enumerable.Repeat(new PValue(-1000), 1000)]).Log10, 1e-9);

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

    /// <summary>Expected: SciPy's kstwobign of the gap that Stephens corrected.</summary>
    [Theory]
    [InlineData(new[] { 0.1, 0.2, 0.3, 0.9 }, 0.2934784982876694)]
    [InlineData(new[] { 0.5 }, 0.8438198245415606)]
    [InlineData(new[] { 0.4, 0.02, 0.03, 0.05, 0.08, 0.1, 0.11, 0.12, 0.2, 0.21 }, 5.635615984443179e-05)]
    public void Kolmogorov_Sample_IsTheLimitLawOfItsGap(double[] sample, double expected) =>
        Assert.Equal(expected, KolmogorovTest.PValueOf(sample.Select(PValue.FromValue)).Value, 1e-9);

    [Theory]
    [InlineData(10)]
    [InlineData(200)]
    public void Kolmogorov_UniformSamples_KeepsEveryLevel(int size)
    {
        const int samples = 4000;
        var random = new RandomStream(14, "samples");
        double[] pValues = [.. Enumerable.Range(0, samples).Select(_ => KolmogorovTest.PValueOf(Uniform(random, size)).Value)];
        foreach (var level in new[] { 0.5, 0.2, 0.05, 0.01 })
            Assert.InRange(
                pValues.Count(p => p <= level) / (double)samples,
                level - 0.01 - 4 * Math.Sqrt(level * (1 - level) / samples),
                level + 0.01 + 4 * Math.Sqrt(level * (1 - level) / samples)
            );
    }

    [Fact]
    public void Sidak_FewPValues_IsOneMinusThePower()
    {
        Assert.Equal(0.19, Sidak.Combine([PValue.FromValue(0.5), PValue.FromValue(0.1)]).Value, 1e-12);
        Assert.Equal(1 - Math.Pow(1 - 1e-9, 3), Sidak.Combine([.. Enumerable.Repeat(PValue.FromValue(1e-9), 3)]).Value, 1e-15);
        Assert.Equal(-5, Sidak.Combine([new PValue(-5)]).Log10, 1e-12);
        Assert.Equal(0, Sidak.Combine([new PValue(0), new PValue(0)]).Log10);
        Assert.Equal(double.NegativeInfinity, Sidak.Combine([new PValue(double.NegativeInfinity), new PValue(0)]).Log10);
    }

    [Fact]
    public void ShiftedNormal_OfAShift_HasTheNormalsTails()
    {
        Assert.Equal(-0.9390391315494072, new ShiftedNormal(1.2).MedianPValue.Log10, 1e-9);
        Assert.Equal(0.37208058543549444, new ShiftedNormal(2).Power(new PValue(-2)), 1e-9);
        Assert.Equal(3.1946159727476395, ShiftedNormal.Between(PValue.FromValue(0.3), new PValue(-4)).Shift, 1e-7);
        Assert.Equal(3.167969107613755, ShiftedNormal.Detectable(new PValue(-2), 0.8).Shift, 1e-7);
        Assert.Equal(0.01, default(ShiftedNormal).Power(new PValue(-2)), 1e-12);
    }

    [Fact]
    public void Tests_OfNothing_AreRefusedInWords()
    {
        const string Nothing = "Nothing to combine: at least one p-value is needed. (Parameter 'pValues')";
        foreach (Func<IReadOnlyCollection<PValue>, PValue> combine in new[] { Fisher.Combine, Stouffer.Combine, Sidak.Combine })
        {
            Assert.Equal(Nothing, Assert.Throws<ArgumentException>(() => combine([])).Message);
            Assert.Throws<ArgumentNullException>(() => combine(null!));
        }

        Assert.Equal(
            "Nothing to test: at least one value is needed. (Parameter 'sample')",
            Assert.Throws<ArgumentException>(() => KolmogorovTest.PValueOf([])).Message
        );
        Assert.Throws<ArgumentNullException>(() => Holm.Adjust(null!));
        Assert.Empty(Holm.Adjust([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => BinomialTest.TwoSided(-1, 10, PValue.FromValue(0.5)));
        Assert.Throws<ArgumentOutOfRangeException>(() => BinomialTest.TwoSided(11, 10, PValue.FromValue(0.5)));
        Assert.StartsWith(
            "p = 0 and p = 1 cannot be combined: their z-scores are infinite.",
            Assert.Throws<ArgumentException>(() => Stouffer.Combine([new(double.NegativeInfinity), new(0)])).Message
        );
        Assert.Null(Combination.Combine("mean", [new(-1)]));
    }

    private static PValue[] Uniform(RandomStream random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => PValue.FromValue(random.NextDouble()))];
}
