using System.Globalization;
using System.Text.Json.Serialization;

namespace Isotope.Statistics;

/// <summary>
/// A p-value, stored as its base-10 logarithm: with 2,048 dimensions a cosine of 0.9 has p = 10⁻⁷⁴⁰ (paper §3.1), far below the range of a
/// double. The smaller p-value compares as less. <c>default</c> is p = 1: no evidence.
/// </summary>
/// <remarks>
/// In every detection test the probability is over the draw of the key. The model and the images are fixed; if they had nothing to do with
/// the mark, a freshly drawn key would give evidence at least as strong with probability p. This is not the probability that the model is
/// innocent.
/// </remarks>
[JsonConverter(typeof(PValueJson))]
public readonly record struct PValue : IComparable<PValue>
{
    /// <summary>More than the rounding error of a logarithm, less than anybody reads.</summary>
    private const double LogRounding = 1e-9;

    private static readonly double Ln10 = Math.Log(10);
    private static readonly double Log10E = Math.Log10(Math.E);

    /// <summary>The p-value 10^<paramref name="log10"/>.</summary>
    /// <param name="log10">log₁₀ p: zero, negative, or −∞ for p = 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is NaN or above zero.</exception>
    public PValue(double log10)
    {
        if (!(log10 <= 0))
            throw new ArgumentOutOfRangeException(nameof(log10), log10, "The logarithm of a p-value is zero or below.");
        Log10 = log10;
    }

    /// <summary>log₁₀ p, in [−∞, 0].</summary>
    public double Log10 { get; }

    /// <summary>ln p, in [−∞, 0].</summary>
    public double LogE => Log10 * Ln10;

    /// <summary>p itself, in [0, 1]. Underflows to 0 below about 10⁻³²⁴: compare and combine p-values, not these numbers.</summary>
    public double Value => Math.Pow(10, Log10);

    /// <summary>The p-value e^<paramref name="logE"/>.</summary>
    /// <param name="logE">ln p: zero, negative, or −∞ for p = 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is NaN or above zero.</exception>
    public static PValue FromLogE(double logE) => new(logE * Log10E);

    /// <summary>The p-value <paramref name="value"/>.</summary>
    /// <param name="value">A probability, in [0, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">It is NaN or outside [0, 1].</exception>
    public static PValue FromValue(double value) =>
        value >= 0
            ? new(Math.Log10(value))
            : throw new ArgumentOutOfRangeException(nameof(value), value, "A p-value lies between 0 and 1.");

    /// <inheritdoc/>
    public int CompareTo(PValue other) => Log10.CompareTo(other.Log10);

    /// <summary>Whether the left p-value is the smaller, that is the more significant.</summary>
    public static bool operator <(PValue left, PValue right) => left.Log10 < right.Log10;

    /// <inheritdoc cref="op_LessThan"/>
    public static bool operator <=(PValue left, PValue right) => left.Log10 <= right.Log10;

    /// <summary>Whether the left p-value is the larger, that is the less significant.</summary>
    public static bool operator >(PValue left, PValue right) => left.Log10 > right.Log10;

    /// <inheritdoc cref="op_GreaterThan"/>
    public static bool operator >=(PValue left, PValue right) => left.Log10 >= right.Log10;

    /// <summary>
    /// Three digits from 0.001 up ("0.137"), two digits and an exponent from 10⁻⁹⁹ up ("1.3e-05"), a power of ten below that
    /// ("10^-740.2"), and "0" for p = 0, in every culture. Rounded up, since a p-value must not look smaller than it is.
    /// </summary>
    public override string ToString() =>
        Log10 switch
        {
            >= -3 => RoundedUp(3).ToString("G3", CultureInfo.InvariantCulture),
            >= -99 => RoundedUp(2).ToString("0.0e-00", CultureInfo.InvariantCulture),
            double.NegativeInfinity => "0",
            _ => "10^" + (Math.Ceiling(10 * Log10 - LogRounding) / 10).ToString("F1", CultureInfo.InvariantCulture),
        };

    /// <summary>
    /// Rounds up to a number of digits. Values that differ only by the rounding of logarithms, such as 0.05 and 0.05000000000000001, come
    /// out the same.
    /// </summary>
    private double RoundedUp(int digits)
    {
        var unit = Math.Pow(10, Math.Floor(Log10 + LogRounding) + 1 - digits);
        return Math.Ceiling(Value / unit * (1 - LogRounding)) * unit;
    }
}
