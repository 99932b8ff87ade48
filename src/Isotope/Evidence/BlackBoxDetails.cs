using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Isotope.Datasets;
using Isotope.Detection.BlackBoxes;
using Isotope.Networks.BlackBoxes;
using Isotope.Statistics;

namespace Isotope.Evidence;

/// <summary>What was seen of a class in a black-box test.</summary>
public sealed record ClassRanksStatement(
    [property: JsonRequired] string Label, [property: JsonRequired] int Units, int Tied, double? MeanRank, double Published, double Others, [property: JsonRequired] double Log10P);

/// <summary>Details of a black-box test: with every rank, from which all p-values follow.</summary>
/// <param name="Gives">What the model told.</param>
/// <param name="Unit">What was exchanged.</param>
/// <param name="Versions">K.</param>
/// <param name="UnitsPlanned">Units that the query set and budget allow.</param>
/// <param name="Units">Those asked about, in their order, with the published version's rank.</param>
/// <param name="Classes">By class.</param>
/// <param name="Sequential">The sequential test; null where it was not asked for.</param>
/// <param name="LossGap">The paper's figure; null where it was not asked for.</param>
/// <param name="Queries">Images that the suspect was asked about.</param>
public sealed record BlackBoxDetails(
    [property: JsonRequired] OutputKind Gives,
    [property: JsonRequired] MarkUnit Unit,
    [property: JsonRequired] int Versions,
    [property: JsonRequired] int UnitsPlanned,
    [property: JsonRequired] IReadOnlyList<UnitRank> Units,
    [property: JsonRequired] IReadOnlyList<ClassRanksStatement> Classes,
    SequentialResult? Sequential,
    LossGap? LossGap,
    [property: JsonRequired] long Queries)
{
    private const int MaxUnits = 100_000;

    /// <summary>Most of what the exact law of ranks takes, units to the power of 1.5 times versions: some minutes. 21,841 classes in 20 versions take two thirds.</summary>
    private const double MaxWork = 1e8;

    /// <summary>Details of a test.</summary>
    public static BlackBoxDetails Of(BlackBoxResult result) => new(
        result.Gives,
        result.Unit,
        result.Versions,
        result.UnitsPlanned,
        result.Units,
        [.. result.Classes.Select(c => new ClassRanksStatement(c.Label, c.Units, c.Tied, c.MeanRank, c.Published, c.Others, c.PValue.Log10))],
        result.Sequential,
        result.LossGap,
        result.Queries);

    /// <summary>As a result carries them.</summary>
    public JsonObject ToJson() => JsonSerializer.SerializeToNode(this, BlackBoxDetailsJson.Default.BlackBoxDetails)!.AsObject();

    /// <summary>The details of a result.</summary>
    /// <exception cref="IsotopeException">They are something else.</exception>
    public static BlackBoxDetails Of(JsonObject json)
    {
        try
        {
            if (json.Deserialize(BlackBoxDetailsJson.Default.BlackBoxDetails) is { } details && details.IsSound()) return details;
        }
        catch (JsonException)
        {
        }

        throw new IsotopeException("result: expected the details of a black-box test (versions, units with ranks, classes with p-values), found something else");
    }

    /// <summary>The p-value that the ranks give, combined as a result says; null where there is no such combination.</summary>
    public PValue? PValueOf(string combination) => combination switch
    {
        BlackBoxResult.Ranks => RankTest.Combine([.. RanksOf(Units)], Versions),
        BlackBoxResult.SequentialBets => RankBets.PValueOf(RanksOf(Units), Versions),
        _ => null,
    };

    /// <summary>The p-value of a class, from its ranks.</summary>
    public PValue PValueOf(ClassRanksStatement ofClass) => RankTest.Combine([.. RanksOf(Units.Where(unit => unit.Label == ofClass.Label))], Versions);

    private static IEnumerable<int> RanksOf(IEnumerable<UnitRank> units) => units.Select(unit => unit.Rank).OfType<int>();

    private bool IsSound() =>
        Versions is >= QuerySet.FewestVersions and <= QuerySet.MostVersions
        && Units.Count <= MaxUnits && Math.Pow(Units.Count, 1.5) * Versions <= MaxWork && !Units.Contains(null!) && !Classes.Contains(null!)
        && Units.All(unit => unit.Rank is null || (unit.Rank >= 1 && unit.Rank <= Versions))
        && Classes.Count > 0 && Classes.All(c => c.Log10P <= 0) && Classes.Select(c => c.Label).Distinct().Count() == Classes.Count;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(BlackBoxDetails))]
internal sealed partial class BlackBoxDetailsJson : JsonSerializerContext;
