using CsCheck;
using Isotope.Statistics;

namespace Isotope.Tests.Statistics;

/// <summary>Fisher's and Stouffer's methods.</summary>
public sealed class CombinationTests
{
    [Fact]
    public void Fisher_GoldenTable_AgreesInLogDomain() =>
        GoldenTable.AssertAgrees("fisher.csv", 1e-11, row => Fisher.Combine(Spread((int)row[0], row[1])).Log10);

    [Fact]
    public void Stouffer_GoldenTable_AgreesInLogDomain() =>
        GoldenTable.AssertAgrees("stouffer.csv", 1e-11, row => Stouffer.Combine(Spread((int)row[0], row[1])).Log10);

    [Fact]
    public void NormalTail_GoldenTable_AgreesInLogDomain() =>
        GoldenTable.AssertAgrees("normal.csv", 1e-11, row => NormalTail.Log(row[0]) / Math.Log(10));

    [Fact]
    public void Fisher_ThousandClasses_IsFarBelowDouble()
    {
        var combined = Fisher.Combine(Enumerable.Repeat(PValue.FromLogE(-40), 1000).ToArray());
        Assert.Equal(-15338.915005052, combined.Log10, 1e-8);
    }

    [Theory]
    [InlineData(nameof(Fisher))]
    [InlineData(nameof(Stouffer))]
    public void Combine_OneTest_EqualsIt(string method) =>
        Gen.Double[-15, 4]
            .Select(exponent => -Math.Pow(10, exponent))
            .Sample(log10 => Assert.Equal(1, Combine(method, [new(log10)]).Log10 / log10, 1e-12), threads: 1, iter: 1000);

    [Theory]
    [InlineData(nameof(Fisher))]
    [InlineData(nameof(Stouffer))]
    public void Combine_UniformPValues_IsUniform(string method)
    {
        const int seed = 3141;
        var random = new Random(seed);
        foreach (var k in new[] { 2, 10, 100 })
        {
            var combined = Enumerable.Range(0, 1000).Select(_ => Combine(method, UniformPValues(random, k)));
            Uniformity.AssertUniform(combined, $"seed {seed}, k = {k}");
        }
    }

    [Theory]
    [InlineData(nameof(Fisher))]
    [InlineData(nameof(Stouffer))]
    public void Combine_SmallerPValue_IsNoLessSignificant(string method) =>
        Gen.Select(Gen.Double[-50, 0].Array[1, 30], Gen.Double[0, 5])
            .Sample(
                (logs, drop) =>
                {
                    var before = Combine(method, [.. logs.Select(x => new PValue(x))]).Log10;
                    logs[0] -= drop;
                    var after = Combine(method, [.. logs.Select(x => new PValue(x))]).Log10;
                    Assert.True(after <= before * (1 - 1e-12), $"{after} > {before}");
                },
                threads: 1,
                iter: 500
            );

    [Theory]
    [InlineData(nameof(Fisher))]
    [InlineData(nameof(Stouffer))]
    public void Combine_OneZero_IsZero(string method) =>
        Assert.Equal(double.NegativeInfinity, Combine(method, [new(-1), new(double.NegativeInfinity), new(-0.2)]).Log10);

    [Fact]
    public void Fisher_OneOfOne_AddsOnlyATest()
    {
        // Two tests: P(Z ≥ −2 ln p) = p(1 − ln p).
        Assert.Equal(0.01 * (1 - Math.Log(0.01)), Fisher.Combine([new(-2), new(0)]).Value, 1e-15);
        Assert.Equal(0, Fisher.Combine([new(0), new(0)]).Log10);
    }

    [Fact]
    public void Stouffer_OneOfOne_IsOne() => Assert.Equal(0, Stouffer.Combine([new(-20), new(0)]).Log10);

    [Fact]
    public void Stouffer_ZeroAndOne_AreRefused() =>
        Assert.Throws<ArgumentException>(() => Stouffer.Combine([new(double.NegativeInfinity), new(0)]));

    [Theory]
    [InlineData(nameof(Fisher))]
    [InlineData(nameof(Stouffer))]
    public void Combine_Nothing_IsRefused(string method)
    {
        Assert.Throws<ArgumentException>(() => Combine(method, []));
        Assert.Throws<ArgumentNullException>(() => Combine(method, null!));
    }

    private static PValue Combine(string method, IReadOnlyCollection<PValue> pValues) =>
        method == nameof(Fisher) ? Fisher.Combine(pValues) : Stouffer.Combine(pValues);

    /// <summary>The p-values of make_golden.py's spread(k, scale).</summary>
    private static PValue[] Spread(int k, double scale) => [.. Enumerable.Range(0, k).Select(i => new PValue(-scale * (i + 1) / k))];

    private static PValue[] UniformPValues(Random random, int k) =>
        [.. Enumerable.Range(0, k).Select(_ => PValue.FromValue(1 - random.NextDouble()))];
}
