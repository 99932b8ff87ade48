namespace Isotope.Statistics;

/// <summary>Fisher's method (paper §3.1): powerful where a few tests are very significant.</summary>
internal static class Fisher
{
    /// <summary>
    /// The p-value of Z = −2Σ ln pᵢ. For k independent uniform pᵢ, Z is χ² with 2k degrees of freedom. A single p = 0 gives 0; p = 1 counts
    /// as a test that found nothing.
    /// </summary>
    /// <param name="pValues">p-values of independent tests, at least one.</param>
    /// <exception cref="ArgumentException">There are no p-values.</exception>
    public static PValue Combine(IReadOnlyCollection<PValue> pValues)
    {
        Combination.RequireAny(pValues);
        return PValue.FromLogE(ErlangTail.Log(pValues.Count, -pValues.Sum(p => p.LogE)));
    }
}
