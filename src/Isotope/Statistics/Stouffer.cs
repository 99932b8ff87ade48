namespace Isotope.Statistics;

/// <summary>
/// Stouffer's method: strong where many tests lean the same way a little, as a carrier does in every class (the paper has
/// Fisher's only, §3.1).
/// </summary>
public static class Stouffer
{
    /// <summary>
    /// The p-value of Σzᵢ/√k with P(N ≥ zᵢ) = pᵢ, which is standard normal for k independent uniform pᵢ. One p = 0 gives 0
    /// and one p = 1 gives 1; the two together leave Σzᵢ undefined and are refused.
    /// </summary>
    /// <param name="pValues">p-values of independent one-sided tests, at least one.</param>
    /// <exception cref="ArgumentException">There is none, or both 0 and 1 are among them.</exception>
    public static PValue Combine(IReadOnlyCollection<PValue> pValues)
    {
        ArgumentNullException.ThrowIfNull(pValues);
        if (pValues.Count == 0)
            throw new ArgumentException("Nothing to combine: at least one p-value is needed.", nameof(pValues));

        var z = pValues.Sum(p => NormalTail.Inverse(p.LogE)) / Math.Sqrt(pValues.Count);
        if (double.IsNaN(z))
            throw new ArgumentException("p = 0 and p = 1 cannot be combined: their z-scores are infinite.", nameof(pValues));
        return PValue.FromLogE(NormalTail.Log(z));
    }
}
