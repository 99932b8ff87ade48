namespace Isotope.Statistics;

/// <summary>
/// The smallest of several independent p-values, corrected for having been chosen. This is Šidák's form of Bonferroni's correction, exact
/// for independent tests.
/// </summary>
internal static class Sidak
{
    /// <summary>Below this ln p, 1 − (1 − p)ᵏ = kp to the last digit.</summary>
    private const double Tiny = -40;

    /// <summary>1 − (1 − min pᵢ)ᵏ, which is uniform for k independent uniform pᵢ.</summary>
    /// <param name="pValues">p-values of independent tests, at least one.</param>
    /// <exception cref="ArgumentException">There are no p-values.</exception>
    public static PValue Combine(IReadOnlyCollection<PValue> pValues)
    {
        Combination.RequireAny(pValues);
        var k = pValues.Count;
        var smallest = pValues.Min().LogE;
        var corrected = smallest < Tiny ? smallest + Math.Log(k) : LogDomain.LogOneMinusExp(k * LogDomain.LogOneMinusExp(smallest));
        return PValue.FromLogE(Math.Min(0, corrected));
    }
}
