using System.Text.Json.Serialization;
using Isotope.Datasets;
using Isotope.Detection.Classes;
using Isotope.Networks.BlackBoxes;
using Isotope.Statistics;

namespace Isotope.Detection.BlackBoxes;

/// <summary>Ranks and scores of a class.</summary>
/// <param name="Label">Class name.</param>
/// <param name="Units">Units asked about: the class itself, or its twins.</param>
/// <param name="Tied">Units whose versions all score the same: they carry no information and are left out.</param>
/// <param name="MeanRank">Mean rank of the published versions, 1 for the most marked; null if all are tied.</param>
/// <param name="Published">Mean score of the published versions.</param>
/// <param name="Others">Mean score of the counterfactual versions.</param>
/// <param name="PValue">The class's own p-value, over the draw of the key.</param>
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
/// <param name="Label">The unit's class.</param>
/// <param name="Rank">From 1, for the most marked; null if all versions score the same.</param>
public sealed record UnitRank(string Label, int? Rank);

/// <summary>The sequential test.</summary>
/// <param name="Level">α.</param>
/// <param name="Rejected">Whether the wealth reached 1/α.</param>
public sealed record SequentialResult(double Level, bool Rejected);

/// <summary>Outcome of the black-box test (§3.5, exact form).</summary>
/// <param name="Gives">The kind of answer the model gives, which determines the score.</param>
/// <param name="Unit">What was exchanged: classes or images.</param>
/// <param name="Versions">K.</param>
/// <param name="Units">Ranks of the units asked about, in their order.</param>
/// <param name="UnitsPlanned">Units that the query set and budget allow.</param>
/// <param name="PValue">The p-value of the ranks, over the draw of the key; the anytime-valid one in the sequential test.</param>
/// <param name="Sequential">The sequential test; null if it was not asked for.</param>
/// <param name="Classes">The classes asked about, in the order of labels.</param>
/// <param name="LossGap">The paper's figure; null without vanilla images or losses.</param>
/// <param name="Queries">Number of images the suspect was asked about.</param>
/// <param name="QueryBudget">The most it could have been asked about; null for the whole set.</param>
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
    /// <summary>How the models' outputs were read as the images' classes: the suspect's, then its reference's.</summary>
    public IReadOnlyList<ClassReading> Readings { get; init; } = [];

    /// <summary>Name of <see cref="RankTest"/> in results.</summary>
    public const string Ranks = "ranks";

    /// <summary>Name of <see cref="RankBets"/> in results.</summary>
    public const string SequentialBets = "sequential";

    /// <summary>
    /// A class's own p-value, over the draw of the key. If its many units were asked about only until enough was seen, it is that of bets,
    /// which is valid whenever they stop.
    /// </summary>
    internal static PValue PValueOfClass(int[] ranks, int versions, MarkUnit unit, bool isSequential) =>
        isSequential && unit == MarkUnit.Image ? RankBets.PValueOf(ranks, versions) : RankTest.Combine(ranks, versions);

    /// <summary>How the units were combined.</summary>
    public string Combination => Sequential is null ? Ranks : SequentialBets;

    /// <summary>What the p-value means, in plain words.</summary>
    public string Verdict => Detection.Verdict.OfModel(PValue);
}
