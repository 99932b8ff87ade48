namespace Isotope.Statistics;

/// <summary>
/// The null distribution of the cosine between a carrier and any vector that does not depend on it (paper §3.1). The carrier is uniform on
/// the sphere, so the distribution depends on the dimension alone.
/// </summary>
internal static class CosineTest
{
    /// <summary>
    /// P(cos(u, v) ≥ c) over the draw of the carrier u, uniform on the sphere of ℝᵈ, for any fixed v: ½·I_{1−c²}((d−1)/2, ½) for c ≥ 0,
    /// and 1 − P(cos ≥ −c) for c &lt; 0. Exact to about 12 digits of log₁₀ p in both tails; p = 0 at c = 1 and p = 1 at c = −1.
    /// </summary>
    /// <param name="cosine">c, in [−1, 1]; an excess of up to 10⁻⁶ is taken as rounding.</param>
    /// <param name="dimension">d ≥ 2. On a line (d = 1) the cosine is always ±1, so its distribution is not continuous.</param>
    /// <exception cref="ArgumentException">The cosine is NaN or outside [−1, 1], or the dimension is below 2.</exception>
    public static PValue PValueOf(double cosine, int dimension)
    {
        if (!(Math.Abs(cosine) <= 1 + 1e-6))
            throw new ArgumentOutOfRangeException(nameof(cosine), cosine, "A cosine lies between -1 and 1.");
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 2);

        var tail = LogTail(Math.Min(Math.Abs(cosine), 1), 0.5 * (dimension - 1.0));
        return PValue.FromLogE(cosine < 0 ? LogDomain.LogOneMinusExp(tail) : tail);
    }

    /// <summary>ln ½·I_{1−c²}(a, ½) for 0 ≤ c ≤ 1.</summary>
    private static double LogTail(double c, double a)
    {
        var logCosine2 = 2 * Math.Log(c);
        var logSine2 = LogDomain.LogOnePlus(-c) + LogDomain.LogOnePlus(c);
        if (c * c >= 1.5 / (a + 2.5))
            return Math.Log(0.5) + IncompleteBeta.LogUpper(a, (1 - c) * (1 + c), logSine2, logCosine2);

        var centre = Math.Exp(IncompleteBeta.LogLower(a, c * c, logSine2, logCosine2));
        return Math.Log(0.5 - 0.5 * centre);
    }
}
