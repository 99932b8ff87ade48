namespace Isotope.Statistics;

/// <summary>
/// Holm's correction for several tests: it bounds the probability that any true null is rejected (the family-wise error), whatever
/// the dependence between the tests.
/// </summary>
public static class Holm
{
    /// <summary>
    /// Adjusted p-values, in the order given: the k-th smallest of m is multiplied by m + 1 − k, and is no smaller than the one before it.
    /// </summary>
    /// <param name="pValues">p-values of all tests of the family; none left out.</param>
    public static IReadOnlyList<PValue> Adjust(IReadOnlyList<PValue> pValues)
    {
        ArgumentNullException.ThrowIfNull(pValues);
        var adjusted = new PValue[pValues.Count];
        var largest = double.NegativeInfinity;
        foreach (var (rank, (index, p)) in pValues.Index().OrderBy(test => test.Item).Index())
        {
            largest = Math.Max(largest, Math.Min(0, p.Log10 + Math.Log10(pValues.Count - rank)));
            adjusted[index] = new PValue(largest);
        }

        return adjusted;
    }
}
