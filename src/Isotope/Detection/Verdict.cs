using Isotope.Statistics;

namespace Isotope.Detection;

/// <summary>What a p-value means, in plain words.</summary>
public static class Verdict
{
    /// <summary>log₁₀ of the largest p-value at which a mark is said to be there.</summary>
    public const double Strong = -3;

    /// <summary>log₁₀ of the largest p-value that says anything: 0.05.</summary>
    public const double Weak = -1.3010299956639813;

    /// <summary>Of a test of a model.</summary>
    /// <param name="p">Its p-value; where it was one of several tests with the key, adjusted for their number.</param>
    /// <param name="tests">How many tests.</param>
    public static string OfModel(PValue p, int tests = 1) =>
        p.Log10 switch
        {
            <= Strong =>
                $"The model carries this key's mark: had it never seen the marked images, a key drawn at random would show as much with "
                    + $"probability {p}{After(tests)}.",
            <= Weak => $"Weak evidence of this key's mark (p = {p}{After(tests)}): in a model that never saw it, one key in "
                + $"{Math.Floor((1 + 1e-9) / p.Value):F0} shows as much.",
            _ => $"Inconclusive (p = {p}{After(tests)}): keys often show as much in a model that never saw them. This does not prove "
                + "that the images were not used.",
        };

    /// <inheritdoc cref="OfModel"/>
    /// <summary>Of a test of images.</summary>
    public static string OfImages(PValue p, int tests = 1) =>
        p.Log10 <= Strong
            ? $"The images carry this key's mark: had they never been marked with it, a key drawn at random would show as much with "
                + $"probability {p}{After(tests)}."
            : $"Inconclusive (p = {p}{After(tests)}): this does not prove that the images are not marked.";

    private static string After(int tests) => tests == 1 ? "" : $", adjusted for {tests} tests with the key";
}
