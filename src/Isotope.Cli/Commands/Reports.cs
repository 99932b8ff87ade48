using System.Text.Json.Serialization;
using Isotope.Datasets;
using Isotope.Evidence;
using Isotope.Marking;
using Isotope.Training;

namespace Isotope.Cli.Commands;

/// <summary>The public part of a key.</summary>
internal sealed record KeyReport(int Classes, int Dimension, string Origin, string Commitment);

/// <summary>One statement that was checked.</summary>
internal sealed record FindingReport(string Statement, string Stated, string Found, Outcome Outcome);

/// <summary>What checking a result or a commitment found.</summary>
internal sealed record VerifyReport(string Isotope, bool Agrees, IReadOnlyList<FindingReport> Findings)
{
    public static VerifyReport Of(IReadOnlyList<Finding> findings) => new(
        RunSettings.Version,
        findings.All(finding => finding.Outcome != Outcome.Differs),
        [.. findings.Select(finding => new FindingReport(finding.Statement, finding.Stated, finding.Found, finding.Outcome))]);
}

/// <summary>What <c>mark</c> did.</summary>
internal sealed record MarkReport(
    string Isotope, int Images, double? MeanPsnr, int MaxDifference, double MeanDisplacement, string Out, string Manifest, string KeyCommitment)
{
    public static MarkReport Of(Manifest manifest, string output, string keyCommitment)
    {
        var summary = MarkingSummary.Of(manifest.Images);
        return new MarkReport(
            RunSettings.Version, summary.Images, summary.MeanPsnr, summary.MaxDifference, summary.MeanDisplacement, output, Datasets.Manifest.PathFor(output), keyCommitment);
    }
}

/// <summary>What <c>train</c> did; the accuracy is null where no test images were given.</summary>
internal sealed record TrainReport(string Isotope, string Architecture, int Images, int Epochs, double? Accuracy, string Out, string Sha256);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(KeyReport))]
[JsonSerializable(typeof(MarkReport))]
[JsonSerializable(typeof(TrainReport))]
[JsonSerializable(typeof(TestResult))]
[JsonSerializable(typeof(PublishedCommitment))]
[JsonSerializable(typeof(VerifyReport))]
[JsonSerializable(typeof(TrainingOptions))]
internal sealed partial class ReportJson : JsonSerializerContext;
