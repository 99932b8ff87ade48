namespace Isotope.Statistics;

/// <summary>
/// Holm's correction for several tests. It bounds the probability of rejecting any true null (the family-wise error) however the tests
/// depend on each other.
/// </summary>
internal static class Holm
{
    /// <summary>
    /// Adjusted p-values, in the order given: the k-th smallest of m is multiplied by m + 1 − k, and is at least as large as the one
    /// before.
    /// </summary>
    /// <param name="pValues">The p-values of every test in the family.</param>
    public static IReadOnlyList<PValue> Adjust(IReadOnlyList<PValue> pValues)
    {
        ArgumentNullException.ThrowIfNull(pValues);
        var adjusted = new PValue[pValues.Count];
        var largest = double.NegativeInfinity;
        var ascending = pValues.Index().OrderBy(test => test.Item);
        foreach (var (rank, (index, p)) in ascending.Index())
        {
            var multiplied = p.Log10 + Math.Log10(pValues.Count - rank);
            largest = Math.Max(largest, Math.Min(0, multiplied));
            adjusted[index] = new PValue(largest);
        }

        return adjusted;
    }
}
