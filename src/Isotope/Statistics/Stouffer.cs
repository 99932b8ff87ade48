namespace Isotope.Statistics;

/// <summary>
/// Stouffer's method: powerful where many tests are each a little significant, as with a carrier in every class. (The paper uses only
/// Fisher's method, §3.1.)
/// </summary>
internal static class Stouffer
{
    /// <summary>
    /// The p-value of Σzᵢ/√k with P(N ≥ zᵢ) = pᵢ. For k independent uniform pᵢ the sum is standard normal. A single p = 0 gives 0 and a
    /// single p = 1 gives 1; together they leave Σzᵢ undefined and are refused.
    /// </summary>
    /// <param name="pValues">p-values of independent one-sided tests, at least one.</param>
    /// <exception cref="ArgumentException">There are no p-values, or both 0 and 1 are among them.</exception>
    public static PValue Combine(IReadOnlyCollection<PValue> pValues)
    {
        Combination.RequireAny(pValues);
        var z = pValues.Sum(p => NormalTail.Inverse(p.LogE)) / Math.Sqrt(pValues.Count);
        if (double.IsNaN(z))
            throw new ArgumentException("p = 0 and p = 1 cannot be combined: their z-scores are infinite.", nameof(pValues));
        return PValue.FromLogE(NormalTail.Log(z));
    }
}
