using System.Text.Json.Serialization;
using Isotope.Datasets;
using Isotope.Networks.BlackBoxes;
using Isotope.Statistics;

namespace Isotope.Detection.BlackBoxes;

/// <summary>What was seen of a class.</summary>
/// <param name="Label">Its name.</param>
/// <param name="Units">Units asked about: the class itself, or its twins.</param>
/// <param name="Tied">Units whose versions all score the same: they tell nothing and are left out.</param>
/// <param name="MeanRank">Mean rank of the published versions, 1 for the most marked; null where all are tied.</param>
/// <param name="Published">Mean score of the published versions.</param>
/// <param name="Others">Mean score of the counterfactual versions.</param>
/// <param name="PValue">The class's own.</param>
public sealed record ClassRanks(
    string Label,
    int Units,
    int Tied,
    double? MeanRank,
    double Published,
    double Others,
    [property: JsonPropertyName("log10P")] PValue PValue
);

/// <summary>The rank of a unit's published version.</summary>
/// <param name="Label">Its class.</param>
/// <param name="Rank">From 1, for the most marked; null where all versions score the same.</param>
public sealed record UnitRank(string Label, int? Rank);

/// <summary>The sequential test.</summary>
/// <param name="Level">α.</param>
/// <param name="Rejected">Whether the wealth reached 1/α.</param>
public sealed record SequentialResult(double Level, bool Rejected);

/// <summary>Outcome of the black-box test (§3.5, exact form).</summary>
/// <param name="Gives">What the model tells, which fixes the score.</param>
/// <param name="Unit">What was exchanged.</param>
/// <param name="Versions">K.</param>
/// <param name="Units">Those asked about, in their order.</param>
/// <param name="UnitsPlanned">Units that the query set and budget allow.</param>
/// <param name="PValue">Of the ranks; with the sequential test the anytime-valid one.</param>
/// <param name="Sequential">The sequential test, where it was asked for.</param>
/// <param name="Classes">By class, in the order of labels; those asked about.</param>
/// <param name="LossGap">The paper's figure; null without vanilla images or losses.</param>
/// <param name="Queries">Images the suspect was asked about.</param>
/// <param name="QueryBudget">The most it might have been asked about; null for the whole set.</param>
public sealed record BlackBoxResult(
    OutputKind Gives,
    MarkUnit Unit,
    int Versions,
    IReadOnlyList<UnitRank> Units,
    int UnitsPlanned,
    PValue PValue,
    SequentialResult? Sequential,
    IReadOnlyList<ClassRanks> Classes,
    LossGap? LossGap,
    long Queries,
    long? QueryBudget
)
{
    /// <summary>Name of <see cref="RankTest"/> in results.</summary>
    public const string Ranks = "ranks";

    /// <summary>Name of <see cref="RankBets"/> in results.</summary>
    public const string SequentialBets = "sequential";

    /// <summary>
    /// A class's own p-value. Of many units that were asked about until enough was seen it is that of bets, which holds whenever they end.
    /// </summary>
    internal static PValue PValueOfClass(int[] ranks, int versions, MarkUnit unit, bool isSequential) =>
        isSequential && unit == MarkUnit.Image ? RankBets.PValueOf(ranks, versions) : RankTest.Combine(ranks, versions);

    /// <summary>How the units were combined.</summary>
    public string Combination => Sequential is null ? Ranks : SequentialBets;

    /// <summary>What the p-value means, in plain words.</summary>
    public string Verdict => Detection.Verdict.OfModel(PValue);
}
