namespace Isotope.Statistics;

/// <summary>The Kolmogorov–Smirnov test: are p-values uniform on [0, 1]?</summary>
public static class KolmogorovTest
{
    private const int Terms = 100;

    /// <summary>
    /// p-value of the largest gap between the sample's distribution function and the uniform one, by the limit law with Stephens's
    /// correction, which makes it good from ten values on.
    /// </summary>
    /// <exception cref="ArgumentException">There is no value.</exception>
    public static PValue PValueOf(IEnumerable<PValue> sample)
    {
        double[] sorted = [.. sample.Select(p => p.Value).Order()];
        if (sorted.Length == 0)
            throw new ArgumentException("Nothing to test: at least one value is needed.", nameof(sample));

        var n = sorted.Length;
        var gap = sorted.Index().Max(p => Math.Max(p.Item - (double)p.Index / n, (p.Index + 1.0) / n - p.Item));
        var scaled = gap * (Math.Sqrt(n) + 0.12 + 0.11 / Math.Sqrt(n));
        var tail = 2 * Enumerable.Range(1, Terms).Sum(j => (j % 2 == 1 ? 1 : -1) * Math.Exp(-2.0 * j * j * scaled * scaled));
        return PValue.FromValue(Math.Clamp(tail, 0, 1));
    }
}
