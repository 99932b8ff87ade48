namespace Isotope.Statistics;

/// <summary>
/// A one-sided test whose z-score has mean <paramref name="Shift"/> and variance 1. To first order, Stouffer's sum behaves like this under
/// a weak mark.
/// </summary>
/// <param name="Shift">Mean of the z-score; 0 without a mark.</param>
internal readonly record struct ShiftedNormal(double Shift)
{
    /// <summary>How far a test's z-score lies above its control's, from their p-values.</summary>
    public static ShiftedNormal Between(PValue control, PValue marked) =>
        new(NormalTail.Inverse(marked.LogE) - NormalTail.Inverse(control.LogE));

    /// <summary>The p-value of the mean z-score, which is also the median p-value.</summary>
    public PValue MedianPValue => PValue.FromLogE(NormalTail.Log(Shift));

    /// <summary>The probability of a p-value of at most <paramref name="level"/>.</summary>
    public double Power(PValue level) => Math.Exp(NormalTail.Log(NormalTail.Inverse(level.LogE) - Shift));

    /// <summary>The smallest shift that a test at a given level detects with a given power.</summary>
    /// <param name="level">Significance level.</param>
    /// <param name="power">Probability of detection, between 0 and 1.</param>
    public static ShiftedNormal Detectable(PValue level, double power) =>
        new(NormalTail.Inverse(level.LogE) - NormalTail.Inverse(Math.Log(power)));
}
