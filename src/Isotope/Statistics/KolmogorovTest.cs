namespace Isotope.Statistics;

/// <summary>The Kolmogorov–Smirnov test: are p-values uniform on [0, 1]?</summary>
internal static class KolmogorovTest
{
    private const int Terms = 100;

    /// <summary>
    /// p-value of the largest gap between the sample's distribution function and the uniform one. It uses the limit distribution with
    /// Stephens's correction, which is accurate from ten values up.
    /// </summary>
    /// <exception cref="ArgumentException">The sample is empty.</exception>
    public static PValue PValueOf(IEnumerable<PValue> sample)
    {
        double[] sorted = [.. sample.Select(p => p.Value).Order()];
        if (sorted.Length == 0)
            throw new ArgumentException("Nothing to test: at least one value is needed.", nameof(sample));

        var rootN = Math.Sqrt(sorted.Length);
        var scaled = LargestGap(sorted) * (rootN + 0.12 + 0.11 / rootN);
        return PValue.FromValue(Math.Clamp(LimitTail(scaled), 0, 1));
    }

    private static double LargestGap(double[] sorted)
    {
        var n = sorted.Length;
        var largest = 0.0;
        for (var i = 0; i < n; i++)
        {
            var below = sorted[i] - (double)i / n;
            var above = (i + 1.0) / n - sorted[i];
            largest = Math.Max(largest, Math.Max(below, above));
        }

        return largest;
    }

    /// <summary>2Σ(−1)ʲ⁻¹ exp(−2j²x²), the tail of Kolmogorov's distribution.</summary>
    private static double LimitTail(double x)
    {
        var sum = 0.0;
        for (var j = 1; j <= Terms; j++)
        {
            var sign = j % 2 == 1 ? 1 : -1;
            sum += sign * Math.Exp(-2.0 * j * j * x * x);
        }

        return 2 * sum;
    }
}
