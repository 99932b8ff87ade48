using Isotope.Statistics;

namespace Isotope.Detection;

/// <summary>Outcome of testing images for a key's mark, without any suspect model.</summary>
/// <param name="Statistic">displacement (with originals) or deviation (with reference images).</param>
/// <param name="PValue">The probability, over the draw of the key, of evidence at least as strong in images that were never marked with
/// it.</param>
/// <param name="Combination">stouffer over classes; sidak if the class is not known and each was tried.</param>
/// <param name="Classes">The classes tested.</param>
/// <param name="Others">Other combinations, for information.</param>
/// <param name="Images">Number of suspect images.</param>
/// <param name="RankCheck">The p-value that counts, ranked among those of fresh keys.</param>
public sealed record ImageTestResult(
    string Statistic,
    PValue PValue,
    string Combination,
    IReadOnlyList<ClassResult> Classes,
    IReadOnlyList<SideResult> Others,
    int Images,
    RankCheck RankCheck
)
{
    /// <summary>Mean of (φ₀(x̃) − φ₀(x))ᵀu over the images: the strength of the mark. Null without originals or labels.</summary>
    public double? MeanDisplacement { get; init; }

    /// <summary>What the p-value means, in plain words.</summary>
    public string Verdict => Detection.Verdict.OfImages(PValue);
}
