using System.Globalization;
using CsCheck;
using Isotope.Statistics;

namespace Isotope.Tests.Statistics;

public sealed class PValueTests
{
    [Theory]
    [InlineData(0, "1")]
    [InlineData(-0.8633, "0.137")]
    [InlineData(-0.8632, "0.138")]
    [InlineData(-1.3010299956639813, "0.05")]
    [InlineData(-3, "0.001")]
    [InlineData(-3.0000001, "1.0e-03")]
    [InlineData(-4.887, "1.3e-05")]
    [InlineData(-4.885, "1.4e-05")]
    [InlineData(-99, "1.0e-99")]
    [InlineData(-99.01, "10^-99.0")]
    [InlineData(-738.2, "10^-738.2")]
    [InlineData(-12345.67, "10^-12345.6")]
    [InlineData(double.NegativeInfinity, "0")]
    public void ToString_AnySize_IsReadable(double log10, string expected) => Assert.Equal(expected, new PValue(log10).ToString());

    /// <summary>A p-value that looks smaller than it is claims too much.</summary>
    [Fact]
    public void ToString_AnyPValue_IsNeverBelowItAndHardlyAbove() =>
        Gen.Double[-300, 0]
            .Sample(log10 =>
            {
                var text = new PValue(log10).ToString();
                var shown = text.StartsWith("10^", StringComparison.Ordinal)
                    ? double.Parse(text[3..], CultureInfo.InvariantCulture)
                    : Math.Log10(double.Parse(text, CultureInfo.InvariantCulture));
                return shown >= log10 - 1e-8 && shown <= log10 + 0.1 + 1e-8;
            });

    [Fact]
    public void ToString_OtherCulture_IsInvariant()
    {
        var german = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        german.NumberFormat.NumberDecimalSeparator = ",";
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = german;
        try
        {
            Assert.Equal("0.25", $"{PValue.FromValue(0.25)}");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(0.05)]
    [InlineData(double.PositiveInfinity)]
    public void Constructor_NotALogarithmOfAProbability_IsRefused(double log10)
    {
        Assert.StartsWith(
            "The logarithm of a p-value is zero or below.",
            Assert.Throws<ArgumentOutOfRangeException>(() => new PValue(log10)).Message
        );
        Assert.Throws<ArgumentOutOfRangeException>(() => PValue.FromLogE(log10));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    public void FromValue_NotAProbability_IsRefused(double value) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => PValue.FromValue(value));

    [Fact]
    public void FromValue_EndsOfTheRange_AreTaken()
    {
        Assert.Equal(double.NegativeInfinity, PValue.FromValue(0).Log10);
        Assert.Equal(0, PValue.FromValue(1).Log10);
        Assert.StartsWith(
            "A p-value lies between 0 and 1.",
            Assert.Throws<ArgumentOutOfRangeException>(() => PValue.FromValue(-1e-9)).Message
        );
    }

    [Fact]
    public void Compare_EqualPValues_AreNeitherSmallerNorLarger()
    {
        var (one, same) = (new PValue(-2), new PValue(-2));
        Assert.False(one < same || one > same);
        Assert.True(one <= same && one >= same);
        Assert.Equal(0, one.CompareTo(same));
    }

    [Fact]
    public void Value_TinyP_UnderflowsWhileLogarithmStays()
    {
        var p = PValue.FromLogE(-1e6);
        Assert.Equal(0, p.Value);
        Assert.Equal(-434294.4819, p.Log10, 1e-4);
        Assert.Equal(-1e6, p.LogE, 1e-9);
    }

    [Fact]
    public void CompareTo_BelowUnderflow_OrdersBySize()
    {
        var (small, large) = (new PValue(-800), new PValue(-700));
        Assert.True(small < large && small <= large && large > small && large >= small);
        var zero = new PValue(double.NegativeInfinity);
        Assert.Equal([zero, small, large, default], new[] { large, default, small, zero }.Order());
    }

    [Fact]
    public void Default_IsNoEvidence() => Assert.Equal(1, default(PValue).Value);
}
