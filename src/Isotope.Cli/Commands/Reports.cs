using System.Text.Json.Serialization;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Marking;
using Isotope.Networks;
using Isotope.Networks.BlackBoxes;
using Isotope.Training;

namespace Isotope.Cli.Commands;

/// <summary>The public part of a key.</summary>
internal sealed record KeyReport(int Classes, int Dimension, string Origin, string Commitment);

/// <summary>What <c>mark</c> did.</summary>
internal sealed record MarkReport(
    string Isotope, int Images, double? MeanPsnr, int MaxDifference, double MeanDisplacement, string Out, string Manifest, string? Queries, string KeyCommitment)
{
    public static MarkReport Of(Manifest manifest, string output, string? queries, string keyCommitment)
    {
        var summary = MarkingSummary.Of(manifest.Images);
        return new MarkReport(
            RunSettings.Version, summary.Images, summary.MeanPsnr, summary.MaxDifference, summary.MeanDisplacement, output, Datasets.Manifest.PathFor(output), queries, keyCommitment);
    }
}

/// <summary>What <c>train</c> did; the accuracy is null where no test images were given.</summary>
internal sealed record TrainReport(string Isotope, string Architecture, int Images, int Epochs, double? Accuracy, string Out, string Sha256);

/// <summary>What <c>distill</c> did; the agreement is with the teacher's first labels on the training images.</summary>
internal sealed record DistillReport(TrainReport Student, string Teacher, long Queries, LabelKind Labels, double Agreement);

/// <summary>What <c>query</c> asked.</summary>
internal sealed record QueryReport(string Isotope, string Model, OutputKind Gives, int Images, long Queries, string Out, string Sha256);

/// <summary>One class of a test.</summary>
internal sealed record ClassReport(string Label, double Cosine, double Log10P);

/// <summary>A p-value that does not count.</summary>
internal sealed record SideReport(string Statistic, string Combination, double Log10P);

/// <summary>The map between feature spaces.</summary>
internal sealed record AlignmentReport(int Images, double RSquared, bool ManifestChecked);

/// <summary>A network that took part.</summary>
internal sealed record NetworkReport(string Architecture, string? Sha256)
{
    public static NetworkReport Of(Network network) => new(network.Architecture, network.Sha256);
}

/// <summary>What <c>detect white-box</c> found.</summary>
internal sealed record DetectReport(
    string Isotope,
    string Statistic,
    double Log10P,
    string Combination,
    string Verdict,
    IReadOnlyList<ClassReport> Classes,
    IReadOnlyList<SideReport> Others,
    AlignmentReport Alignment,
    string KeyCommitment,
    string KeyOrigin,
    NetworkReport MarkingNetwork,
    NetworkReport TestedNetwork,
    NetworkReport? ReferenceNetwork,
    string ImagesListingSha256)
{
    public static DetectReport Of(DetectionResult result, CarrierKey key, Network marking, Network tested, Network? reference, ImageFolder images) => new(
        RunSettings.Version,
        result.Statistic,
        result.PValue.Log10,
        result.Combination,
        result.Verdict,
        [.. result.Classes.Select(c => new ClassReport(c.Label, c.Cosine, c.PValue.Log10))],
        [.. result.Others.Select(other => new SideReport(other.Statistic, other.Combination, other.PValue.Log10))],
        new AlignmentReport(result.Alignment.Images, result.Alignment.RSquared, result.Alignment.ManifestChecked),
        key.Commitment,
        key.Origin,
        NetworkReport.Of(marking),
        NetworkReport.Of(tested),
        reference is null ? null : NetworkReport.Of(reference),
        Hashes.OfListing(images));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(KeyReport))]
[JsonSerializable(typeof(MarkReport))]
[JsonSerializable(typeof(TrainReport))]
[JsonSerializable(typeof(DistillReport))]
[JsonSerializable(typeof(QueryReport))]
[JsonSerializable(typeof(DetectReport))]
[JsonSerializable(typeof(TrainingOptions))]
internal sealed partial class ReportJson : JsonSerializerContext;
