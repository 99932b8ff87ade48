using Isotope.Statistics;

namespace Isotope.Tests;

/// <summary>The Kolmogorov–Smirnov test against the uniform distribution on [0, 1].</summary>
internal static class Uniformity
{
    public static void AssertUniform(IEnumerable<PValue> sample, string context)
    {
        var p = Kolmogorov(sample);
        Assert.True(p > 0.001, $"{context}: not uniform, Kolmogorov-Smirnov p = {p:g3}");
    }

    /// <summary>The p-value of <see cref="KolmogorovTest"/>.</summary>
    public static double Kolmogorov(IEnumerable<PValue> sample) => KolmogorovTest.PValueOf(sample).Value;
}
