using System.Text.Json.Serialization;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Detection.BlackBoxes;
using Isotope.Networks.BlackBoxes;

namespace Isotope.Cli.Commands;

/// <summary>What <c>counterfactuals</c> made.</summary>
internal sealed record CounterfactualsReport(string Isotope, MarkUnit Unit, int Versions, int Images, string Out, string Index)
{
    public static CounterfactualsReport Of(QuerySet set, string folder) => new(
        RunSettings.Version, set.Unit, set.Versions, set.Images.Count, folder, QuerySet.IndexFor(folder));
}

/// <summary>A class in the black-box test.</summary>
internal sealed record ClassRanksReport(string Label, int Units, int Tied, double? MeanRank, double Published, double Others, double Log10P);

/// <summary>What <c>detect black-box</c> found.</summary>
internal sealed record BlackBoxReport(
    string Isotope,
    OutputKind Gives,
    MarkUnit Unit,
    int Versions,
    int UnitsAsked,
    int UnitsPlanned,
    double Log10P,
    SequentialResult? Sequential,
    string Verdict,
    IReadOnlyList<ClassRanksReport> Classes,
    LossGap? LossGap,
    long Queries,
    long? QueryBudget,
    string KeyCommitment,
    string KeyOrigin,
    string QueryIndexSha256,
    string Tested,
    string? ReferenceSha256)
{
    public static BlackBoxReport Of(BlackBoxResult result, CarrierKey key, string queryFolder, string tested, string? referenceSha256) => new(
        RunSettings.Version,
        result.Gives,
        result.Unit,
        result.Versions,
        result.UnitsAsked,
        result.UnitsPlanned,
        result.PValue.Log10,
        result.Sequential,
        result.Verdict,
        [.. result.Classes.Select(c => new ClassRanksReport(c.Label, c.Units, c.Tied, c.MeanRank, c.Published, c.Others, c.PValue.Log10))],
        result.LossGap,
        result.Queries,
        result.QueryBudget,
        key.Commitment,
        key.Origin,
        Hashes.OfFile(QuerySet.IndexFor(queryFolder)),
        tested,
        referenceSha256);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(CounterfactualsReport))]
[JsonSerializable(typeof(BlackBoxReport))]
internal sealed partial class BlackBoxJson : JsonSerializerContext;
