using Isotope.Statistics;

namespace Isotope.Tests.Statistics;

/// <summary>The Kolmogorov–Smirnov test against the uniform distribution on [0, 1].</summary>
internal static class Uniformity
{
    public static void AssertUniform(IEnumerable<PValue> sample, string context)
    {
        var p = Kolmogorov(sample);
        Assert.True(p > 0.001, $"{context}: not uniform, Kolmogorov-Smirnov p = {p:g3}");
    }

    /// <summary>The asymptotic p-value of the largest gap between the sample's distribution function and the uniform one.</summary>
    public static double Kolmogorov(IEnumerable<PValue> sample)
    {
        var sorted = sample.Select(p => p.Value).Order().ToArray();
        var n = sorted.Length;
        var gap = sorted.Select((p, i) => Math.Max(p - (double)i / n, (i + 1.0) / n - p)).Max();

        // Stephens's correction makes the limit law good from n = 10 on.
        var scaled = gap * (Math.Sqrt(n) + 0.12 + 0.11 / Math.Sqrt(n));
        return Math.Min(1, 2 * Enumerable.Range(1, 100).Sum(j => (j % 2 == 1 ? 1 : -1) * Math.Exp(-2.0 * j * j * scaled * scaled)));
    }
}
