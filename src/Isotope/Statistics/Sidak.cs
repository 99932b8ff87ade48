namespace Isotope.Statistics;

/// <summary>
/// The best of several independent tests, corrected for the choice: Šidák's form of Bonferroni's correction, exact where they are
/// independent.
/// </summary>
public static class Sidak
{
    /// <summary>Below this ln p, (1 − p)ᵏ = 1 − kp to the last digit.</summary>
    private const double Tiny = -40;

    /// <summary>1 − (1 − min pᵢ)ᵏ: uniform for k independent uniform pᵢ.</summary>
    /// <param name="pValues">p-values of independent tests, at least one.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static PValue Combine(IReadOnlyCollection<PValue> pValues)
    {
        ArgumentNullException.ThrowIfNull(pValues);
        if (pValues.Count == 0)
            throw new ArgumentException("Nothing to combine: at least one p-value is needed.", nameof(pValues));

        var smallest = pValues.Min().LogE;
        return PValue.FromLogE(
            Math.Min(
                0,
                smallest < Tiny
                    ? smallest + Math.Log(pValues.Count)
                    : LogDomain.LogOneMinusExp(pValues.Count * LogDomain.LogOneMinusExp(smallest))
            )
        );
    }
}
