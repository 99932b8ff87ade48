using CsCheck;
using Isotope.Statistics;

namespace Isotope.Tests.Statistics;

public sealed class CosineTestTests
{
    private static readonly Gen<int> Dimension = Gen.Int[2, 4096];
    private static readonly Gen<double> Cosine = Gen.Double[-1, 1];

    [Fact]
    public void PValueOf_GoldenTable_AgreesInLogDomain() =>
        GoldenTable.AssertAgrees("cosine.csv", 1e-11, row => CosineTest.PValueOf(row[1], (int)row[0]).Log10);

    [Fact]
    public void PValueOf_DesignExample_IsFarBelowDouble() => Assert.Equal(-740.204683533574, CosineTest.PValueOf(0.9, 2048).Log10, 1e-11);

    [Theory]
    [InlineData(2)]
    [InlineData(65)]
    [InlineData(4096)]
    [InlineData(int.MaxValue)]
    public void PValueOf_KnownCosines_AreExact(int dimension)
    {
        Assert.Equal(0.5, CosineTest.PValueOf(0, dimension).Value);
        Assert.Equal(double.NegativeInfinity, CosineTest.PValueOf(1, dimension).Log10);
        Assert.Equal(0, CosineTest.PValueOf(-1, dimension).Log10);
    }

    [Fact]
    public void PValueOf_CircleAndSphere_MatchClosedForms() =>
        Cosine.Sample(
            c =>
            {
                Assert.Equal(Math.Acos(c) / Math.PI, CosineTest.PValueOf(c, 2).Value, 1e-13);
                Assert.Equal((1 - c) / 2, CosineTest.PValueOf(c, 3).Value, 1e-13);
            },
            threads: 1
        );

    [Theory]
    [InlineData(0.1)]
    [InlineData(1)]
    [InlineData(1.5)]
    [InlineData(6)]
    [InlineData(-6)]
    public void PValueOf_HugeDimension_IsNormal(double z) =>
        Assert.Equal(1, CosineTest.PValueOf(z / Math.Sqrt(1e9), 1_000_000_000).LogE / NormalTail.Log(z), 1e-6);

    [Fact]
    public void PValueOf_LargerCosine_IsNoLessSignificant() =>
        Gen.Select(Dimension, Cosine, Cosine)
            .Sample(
                (d, x, y) =>
                {
                    var low = CosineTest.PValueOf(Math.Max(x, y), d).Log10;
                    var high = CosineTest.PValueOf(Math.Min(x, y), d).Log10;
                    Assert.True(low <= high * (1 - 1e-12), $"{low} > {high}");
                },
                threads: 1,
                iter: 1000
            );

    [Fact]
    public void PValueOf_OppositeCosines_SumToOne() =>
        Gen.Select(Dimension, Cosine)
            .Sample(
                (d, c) => Assert.Equal(1, CosineTest.PValueOf(c, d).Value + CosineTest.PValueOf(-c, d).Value, 1e-14),
                threads: 1,
                iter: 1000
            );

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(64)]
    [InlineData(512)]
    public void PValueOf_RandomDirections_IsUniform(int dimension)
    {
        const int seed = 20020;
        Uniformity.AssertUniform(RandomCosines(seed, dimension).Select(c => CosineTest.PValueOf(c, dimension)), $"seed {seed}");
    }

    [Fact]
    public void PValueOf_WrongDimension_IsNotUniform() =>
        Assert.True(Uniformity.Kolmogorov(RandomCosines(20020, 64).Select(c => CosineTest.PValueOf(c, 40))) < 1e-4);

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1.001)]
    [InlineData(-1.00001)]
    public void PValueOf_NotACosine_IsRefused(double cosine) => Assert.ThrowsAny<ArgumentException>(() => CosineTest.PValueOf(cosine, 64));

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    [InlineData(-3)]
    public void PValueOf_NoSphere_IsRefused(int dimension) =>
        Assert.ThrowsAny<ArgumentException>(() => CosineTest.PValueOf(0.1, dimension));

    [Theory]
    [InlineData(1 + 9e-7, double.NegativeInfinity)]
    [InlineData(-1 - 9e-7, 0)]
    public void PValueOf_RoundedPastOne_IsClamped(double cosine, double log10) =>
        Assert.Equal(log10, CosineTest.PValueOf(cosine, 64).Log10);

    private static double[] RandomCosines(int seed, int dimension)
    {
        var random = new Random(seed);
        var v = GaussianVector.Draw(random, dimension);
        return [.. Enumerable.Range(0, 2000).Select(_ => GaussianVector.Cosine(GaussianVector.Draw(random, dimension), v))];
    }
}
