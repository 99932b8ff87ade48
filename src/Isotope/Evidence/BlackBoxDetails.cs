using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Isotope.Datasets;
using Isotope.Detection.BlackBoxes;
using Isotope.Detection.Classes;
using Isotope.Networks.BlackBoxes;
using Isotope.Statistics;

namespace Isotope.Evidence;

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
/// <param name="Readings">How the models' outputs were read as the images' classes.</param>
public sealed record BlackBoxDetails(
    OutputKind Gives,
    MarkUnit Unit,
    int Versions,
    int UnitsPlanned,
    IReadOnlyList<UnitRank> Units,
    IReadOnlyList<ClassRanks> Classes,
    SequentialResult? Sequential,
    LossGap? LossGap,
    long Queries,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ClassReading>? Readings = null
)
{
    /// <summary>Details of a test.</summary>
    public static BlackBoxDetails Of(BlackBoxResult result) =>
        new(
            result.Gives,
            result.Unit,
            result.Versions,
            result.UnitsPlanned,
            result.Units,
            result.Classes,
            result.Sequential,
            result.LossGap,
            result.Queries
        );

    /// <summary>As a result carries them.</summary>
    public JsonObject ToJson() => JsonSerializer.SerializeToNode(this, EvidenceJson.Default.BlackBoxDetails)!.AsObject();

    /// <summary>The details of a result.</summary>
    /// <exception cref="IsotopeException">They are something else.</exception>
    public static BlackBoxDetails Of(JsonObject json)
    {
        try
        {
            if (json.Deserialize(EvidenceJson.Default.BlackBoxDetails) is { } details && details.IsSound())
                return details;
        }
        catch (JsonException) { }

        throw new IsotopeException(
            "result: expected the details of a black-box test (versions, units with ranks, classes with p-values), found something else"
        );
    }

    /// <summary>The p-value that the ranks give, combined as a result says; null where there is no such combination.</summary>
    public PValue? PValueOf(string combination) =>
        combination switch
        {
            BlackBoxResult.Ranks => RankTest.Combine([.. RanksOf(Units)], Versions),
            BlackBoxResult.SequentialBets => RankBets.PValueOf(RanksOf(Units), Versions),
            _ => null,
        };

    /// <summary>The p-values of the classes, in their order, from the ranks.</summary>
    public IEnumerable<PValue> PValuesOfClasses()
    {
        var units = Units.ToLookup(unit => unit.Label);
        return Classes.Select(c => BlackBoxResult.PValueOfClass([.. RanksOf(units[c.Label])], Versions, Unit, Sequential is not null));
    }

    private static IEnumerable<int> RanksOf(IEnumerable<UnitRank> units) => units.Select(unit => unit.Rank).OfType<int>();

    private bool IsSound() =>
        Versions is >= QuerySet.FewestVersions and <= QuerySet.MostVersions
        && RankTest.IsFeasible(Units.Count, Versions)
        && !Units.Contains(null!)
        && Readings?.Any(reading => reading is null || reading.Classes.Any(c => c is null)) is not true
        && !Classes.Contains(null!)
        && Units.All(unit => unit.Rank is null || (unit.Rank >= 1 && unit.Rank <= Versions))
        && Classes.Count > 0
        && Classes.Select(c => c.Label).Distinct().Count() == Classes.Count;
}
