namespace Isotope.Statistics;

/// <summary>Fisher's method (paper §3.1): strong where a few tests are very significant.</summary>
public static class Fisher
{
    /// <summary>
    /// The p-value of Z = −2Σ ln pᵢ, which is χ² with 2k degrees of freedom for k independent uniform pᵢ. One p = 0 gives
    /// 0; a p = 1 counts as a test that showed nothing.
    /// </summary>
    /// <param name="pValues">p-values of independent tests, at least one.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static PValue Combine(IReadOnlyCollection<PValue> pValues)
    {
        ArgumentNullException.ThrowIfNull(pValues);
        if (pValues.Count == 0)
            throw new ArgumentException("Nothing to combine: at least one p-value is needed.", nameof(pValues));

        return PValue.FromLogE(ErlangTail.Log(pValues.Count, -pValues.Sum(p => p.LogE)));
    }
}
