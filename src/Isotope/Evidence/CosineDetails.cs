using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Isotope.Detection;
using Isotope.Detection.Classes;

namespace Isotope.Evidence;

/// <summary>Details of a test that compares one direction per class with its carrier: white-box and images.</summary>
/// <param name="Dimension">Dimension d of the cosines' null law.</param>
/// <param name="Classes">The statistic that counts, class by class.</param>
/// <param name="Others">Other p-values, for information.</param>
/// <param name="RankCheck">The analytic p-value checked by rank; null where it was not.</param>
/// <param name="Alignment">White-box: the map between feature spaces.</param>
/// <param name="MeanDisplacement">Images with originals: how far the mark has moved their features, on average.</param>
/// <param name="Readings">White-box: how the models' outputs were read as the owner's classes.</param>
public sealed record CosineDetails(
    int Dimension,
    IReadOnlyList<ClassResult> Classes,
    IReadOnlyList<SideResult> Others,
    RankCheck? RankCheck,
    AlignmentResult? Alignment,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? MeanDisplacement = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ClassReading>? Readings = null
)
{
    private const double Rounding = 1e-6;

    /// <summary>As a result carries them.</summary>
    public JsonObject ToJson() => JsonSerializer.SerializeToNode(this, EvidenceJson.Default.CosineDetails)!.AsObject();

    /// <summary>The details of a result.</summary>
    /// <exception cref="IsotopeException">They are something else.</exception>
    public static CosineDetails Of(string kind, JsonObject json)
    {
        try
        {
            if (
                json.Deserialize(EvidenceJson.Default.CosineDetails) is { Dimension: >= 2, Classes.Count: > 0 } details
                && details.IsSound()
            )
                return details;
        }
        catch (JsonException) { }

        throw new IsotopeException(
            $"result: expected the details of a {kind} test (dimension, classes with cosine and p-value), found something else"
        );
    }

    private bool IsSound() =>
        Classes.All(c => c is { Cosine: >= -1 - Rounding and <= 1 + Rounding })
        && !Others.Contains(null!)
        && Readings?.Any(reading => reading is null || reading.Classes.Any(c => c is null)) is not true
        && (
            RankCheck is null
            || (
                RankCheck is { Sets: >= 1 and <= RankCheck.MostSets, AtLeastAsExtreme: >= 0 }
                && RankCheck.AtLeastAsExtreme <= RankCheck.Sets
            )
        );
}
