namespace Isotope.Statistics;

/// <summary>
/// A one-sided test whose z-score has mean <paramref name="Shift"/> and variance 1, as Stouffer's sum has to first order under a weak mark.
/// </summary>
/// <param name="Shift">Mean of the z-score; 0 where there is no mark.</param>
public readonly record struct ShiftedNormal(double Shift)
{
    /// <summary>How far a test's z-score is above its control's, from their p-values.</summary>
    public static ShiftedNormal Between(PValue control, PValue marked) =>
        new(NormalTail.Inverse(marked.LogE) - NormalTail.Inverse(control.LogE));

    /// <summary>The p-value of the mean z-score, which is the median p-value.</summary>
    public PValue MedianPValue => PValue.FromLogE(NormalTail.Log(Shift));

    /// <summary>Probability of a p-value of at most <paramref name="level"/>.</summary>
    public double Power(PValue level) => Math.Exp(NormalTail.Log(NormalTail.Inverse(level.LogE) - Shift));

    /// <summary>The smallest shift that a test at a level finds with a probability.</summary>
    /// <param name="level">Significance level.</param>
    /// <param name="power">Probability, between 0 and 1.</param>
    public static ShiftedNormal Detectable(PValue level, double power) =>
        new(NormalTail.Inverse(level.LogE) - NormalTail.Inverse(Math.Log(power)));
}
