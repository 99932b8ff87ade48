namespace Isotope.Statistics;

/// <summary>The upper tail of the standard normal distribution and its inverse, as logarithms.</summary>
internal static class NormalTail
{
    private const int FractionDepth = 120;
    private static readonly double LogTwo = Math.Log(2);
    private static readonly double HalfLogTwoPi = 0.5 * Math.Log(2 * Math.PI);

    /// <summary>ln P(N ≥ z).</summary>
    public static double Log(double z) =>
        z switch
        {
            < 0 => LogDomain.LogOneMinusExp(Log(-z)),
            double.PositiveInfinity => double.NegativeInfinity,
            _ => LogDensity(z) + Math.Log(MillsRatio(z)),
        };

    /// <summary>The z with ln P(N ≥ z) = <paramref name="logTail"/>; ∞ for −∞ and −∞ for 0.</summary>
    public static double Inverse(double logTail) =>
        logTail > -LogTwo ? -InverseAboveZero(LogDomain.LogOneMinusExp(logTail)) : InverseAboveZero(logTail);

    private static double InverseAboveZero(double logTail)
    {
        if (double.IsNegativeInfinity(logTail))
            return double.PositiveInfinity;

        // Newton's method: it starts above the root, since P(N ≥ z) ≤ ½·exp(−z²/2), and ln P is concave, so no step overshoots.
        var z = Math.Sqrt(Math.Max(0, -2 * (logTail + LogTwo)));
        double step;
        do
        {
            step = (Log(z) - logTail) * MillsRatio(z);
            z += step;
        } while (Math.Abs(step) > 1e-9 * (1 + z));
        return z;
    }

    private static double LogDensity(double z) => -0.5 * z * z - HalfLogTwoPi;

    /// <summary>P(N ≥ z)/φ(z) for z ≥ 0, which is −1/(ln P(N ≥ z))′.</summary>
    private static double MillsRatio(double z) => z < 2 ? 0.5 * Math.Exp(-LogDensity(z)) - CentreSeries(z) : 1 / HazardFraction(z);

    /// <summary>P(0 ≤ N ≤ z)/φ(z) = z + z³/3 + z⁵/15 + …</summary>
    private static double CentreSeries(double z)
    {
        var sum = 0.0;
        var term = z;
        for (var n = 3; term > 1e-17 * sum; n += 2)
        {
            sum += term;
            term *= z * z / n;
        }

        return sum;
    }

    /// <summary>φ(z)/P(N ≥ z) = z + 1/(z + 2/(z + 3/(z + …))), Laplace's continued fraction; the depth suffices for z ≥ 2.</summary>
    private static double HazardFraction(double z)
    {
        var value = z;
        for (var n = FractionDepth; n > 0; n--)
            value = z + n / value;
        return value;
    }
}
