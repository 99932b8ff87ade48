using Isotope.Statistics;

namespace Isotope.Detection;

/// <summary>What a p-value means, in plain words.</summary>
internal static class Verdict
{
    /// <summary>log₁₀ of the largest p-value at which a mark is said to be there.</summary>
    internal const double Strong = -3;

    private const double Weak = -1.3010299956639813; // log₁₀ 0.05

    public static string Of(PValue p) => p.Log10 switch
    {
        <= Strong => $"The model carries this key's mark: a model that never saw the marked images shows as much with probability {p}.",
        <= Weak => $"Weak evidence of this key's mark (p = {p}): one unmarked model in {1 / p.Value:F0} shows as much.",
        _ => $"Inconclusive (p = {p}): an unmarked model often shows as much. This does not prove that the images were not used.",
    };
}
