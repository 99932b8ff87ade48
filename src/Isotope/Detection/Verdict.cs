using Isotope.Statistics;

namespace Isotope.Detection;

/// <summary>What a p-value means, in plain words. The probability is over the draw of the key.</summary>
public static class Verdict
{
    /// <summary>log₁₀ of the largest p-value at which the verdict is that a mark is present.</summary>
    public const double Strong = -3;

    /// <summary>log₁₀ of the largest p-value that counts as any evidence: 0.05.</summary>
    public const double Weak = -1.3010299956639813;

    /// <summary>The verdict of a test of a model.</summary>
    /// <param name="p">Its p-value, adjusted for the number of tests with the key if there were several.</param>
    /// <param name="tests">Number of tests.</param>
    public static string OfModel(PValue p, int tests = 1) =>
        p.Log10 switch
        {
            <= Strong =>
                $"The model carries this key's mark: had it never seen the marked images, a key drawn at random would show as much with "
                    + $"probability {p}{Adjusted(tests)}.",
            <= Weak => $"Weak evidence of this key's mark (p = {p}{Adjusted(tests)}): in a model that never saw it, one key in "
                + $"{Math.Floor((1 + 1e-9) / p.Value):F0} shows as much.",
            _ => $"Inconclusive (p = {p}{Adjusted(tests)}): keys often show as much in a model that never saw them. This does not prove "
                + "that the images were not used.",
        };

    /// <summary>The verdict of a test of images.</summary>
    /// <inheritdoc cref="OfModel"/>
    public static string OfImages(PValue p, int tests = 1) =>
        p.Log10 <= Strong
            ? $"The images carry this key's mark: had they never been marked with it, a key drawn at random would show as much with "
                + $"probability {p}{Adjusted(tests)}."
            : $"Inconclusive (p = {p}{Adjusted(tests)}): this does not prove that the images are not marked.";

    private static string Adjusted(int tests) => tests == 1 ? "" : $", adjusted for {tests} tests with the key";
}
