using System.Text.Json.Serialization;
using Isotope.Detection.Classes;
using Isotope.Statistics;

namespace Isotope.Detection;

/// <summary>The test of one class.</summary>
/// <param name="Label">Class name.</param>
/// <param name="Cosine">cᵢ, the cosine of the class's direction with its carrier uᵢ.</param>
/// <param name="PValue">P(cos ≥ cᵢ) over the draw of the carrier, for a direction that does not depend on it.</param>
public sealed record ClassResult(string Label, double Cosine, [property: JsonPropertyName("log10P")] PValue PValue);

/// <summary>How the tested network's features were expressed in the marking network's.</summary>
/// <param name="Images">Vanilla images of the fit.</param>
/// <param name="Ridge">Ridge of the fit over the mean square of a feature: 10⁻¹⁰ where images are plentiful.</param>
/// <param name="RSquared">Share of the tested features' variance that the map explains on held-out images.</param>
/// <param name="ManifestChecked">Whether a manifest was given, so that none of the images is marked.</param>
/// <param name="LeftOut">Images left out because they look like marked ones (<see cref="VanillaGuard"/>).</param>
public sealed record AlignmentResult(int Images, double Ridge, double RSquared, bool ManifestChecked, int LeftOut = 0);

/// <summary>A combined p-value that is reported beside the one that counts.</summary>
/// <param name="Statistic">paper or response.</param>
/// <param name="Combination">fisher or stouffer.</param>
/// <param name="PValue">Its p-value, over the draw of the key.</param>
public sealed record SideResult(string Statistic, string Combination, [property: JsonPropertyName("log10P")] PValue PValue);

/// <summary>Outcome of the white-box test (paper §3.4).</summary>
/// <param name="Statistic">The statistic that counts, named before the data were seen: paper or response.</param>
/// <param name="PValue">All classes combined: the probability, over the draw of the key, of evidence at least as strong in a model that
/// never saw the mark.</param>
/// <param name="Combination">How classes were combined: fisher for the paper's statistic, stouffer for the response.</param>
/// <param name="Classes">One test per class that the models tell, in the owner's order.</param>
/// <param name="Others">The other statistic and the other combinations, for information: no verdict rests on them.</param>
/// <param name="Alignment">The map between the feature spaces.</param>
public sealed record DetectionResult(
    string Statistic,
    PValue PValue,
    string Combination,
    IReadOnlyList<ClassResult> Classes,
    IReadOnlyList<SideResult> Others,
    AlignmentResult Alignment
)
{
    /// <summary>How the models' outputs were read as the owner's classes: the suspect's, then those of its references.</summary>
    public IReadOnlyList<ClassReading> Readings { get; init; } = [];

    /// <summary>The p-value that counts, ranked among those of fresh keys; null if it was not ranked.</summary>
    public RankCheck? RankCheck { get; init; }

    /// <summary>The same, where images were left out before.</summary>
    internal DetectionResult LeavingOut(int images) => this with { Alignment = Alignment with { LeftOut = images } };

    /// <summary>What the p-value means, in plain words.</summary>
    public string Verdict => Detection.Verdict.OfModel(PValue);
}
