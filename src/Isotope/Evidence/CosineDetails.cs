using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Isotope.Detection;

namespace Isotope.Evidence;

/// <summary>The test of one class.</summary>
public sealed record ClassStatement([property: JsonRequired] string Label, [property: JsonRequired] double Cosine, [property: JsonRequired] double Log10P);

/// <summary>A p-value that does not count.</summary>
public sealed record SideStatement([property: JsonRequired] string Statistic, [property: JsonRequired] string Combination, [property: JsonRequired] double Log10P);

/// <summary>The rank among fresh carriers (<see cref="Detection.RankCheck"/>).</summary>
public sealed record RankStatement(
    [property: JsonRequired] int Sets,
    [property: JsonRequired] long Seed,
    [property: JsonRequired] int AtLeastAsExtreme,
    int BelowPercent,
    int BelowPerMille,
    [property: JsonRequired] double Log10Agreement,
    [property: JsonRequired] double Log10Uniformity,
    [property: JsonRequired] bool Agrees)
{
    internal static RankStatement Of(RankCheck check) =>
        new(check.Sets, check.Seed, check.AtLeastAsExtreme, check.BelowPercent, check.BelowPerMille, check.Agreement.Log10, check.Uniformity.Log10, check.Agrees);
}

/// <summary>Details of a test that compares one direction per class with its carrier: white-box and images.</summary>
/// <param name="Dimension">Dimension d of the cosines' null law.</param>
/// <param name="Classes">The statistic that counts, class by class.</param>
/// <param name="Others">Other p-values, for information.</param>
/// <param name="RankCheck">The analytic p-value checked by rank; null where it was not.</param>
/// <param name="Alignment">White-box: the map between feature spaces.</param>
/// <param name="MeanDisplacement">Images with originals: how far the mark has moved their features, on average.</param>
public sealed record CosineDetails(
    [property: JsonRequired] int Dimension,
    [property: JsonRequired] IReadOnlyList<ClassStatement> Classes,
    [property: JsonRequired] IReadOnlyList<SideStatement> Others,
    RankStatement? RankCheck,
    AlignmentResult? Alignment,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? MeanDisplacement = null)
{
    private const double Rounding = 1e-6;

    /// <summary>Details of a test of directions.</summary>
    public static CosineDetails Of(
        int dimension, IEnumerable<ClassResult> classes, IEnumerable<SideResult> others, RankCheck? rankCheck, AlignmentResult? alignment = null, double? meanDisplacement = null) => new(
        dimension,
        [.. classes.Select(c => new ClassStatement(c.Label, c.Cosine, c.PValue.Log10))],
        [.. others.Select(other => new SideStatement(other.Statistic, other.Combination, other.PValue.Log10))],
        rankCheck is null ? null : RankStatement.Of(rankCheck),
        alignment,
        meanDisplacement);

    /// <summary>As a result carries them.</summary>
    public JsonObject ToJson() => JsonSerializer.SerializeToNode(this, EvidenceJson.Default.CosineDetails)!.AsObject();

    /// <summary>The details of a result.</summary>
    /// <exception cref="IsotopeException">They are something else.</exception>
    public static CosineDetails Of(string kind, JsonObject json)
    {
        try
        {
            if (json.Deserialize(EvidenceJson.Default.CosineDetails) is { Dimension: >= 2, Classes.Count: > 0 } details && details.IsSound()) return details;
        }
        catch (JsonException)
        {
        }

        throw new IsotopeException($"result: expected the details of a {kind} test (dimension, classes with cosine and p-value), found something else");
    }

    private bool IsSound() =>
        Classes.All(c => c is { Cosine: >= -1 - Rounding and <= 1 + Rounding, Log10P: <= 0 })
        && Others.All(other => other is { Log10P: <= 0 })
        && (RankCheck is null || (RankCheck is { Sets: >= 1 and <= Detection.RankCheck.MostSets, AtLeastAsExtreme: >= 0, Log10Agreement: <= 0, Log10Uniformity: <= 0 } && RankCheck.AtLeastAsExtreme <= RankCheck.Sets));
}
