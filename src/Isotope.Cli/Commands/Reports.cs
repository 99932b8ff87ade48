using System.Text.Json.Serialization;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Evidence;
using Isotope.Marking;
using Isotope.Statistics;
using Isotope.Networks.BlackBoxes;
using Isotope.Training;

namespace Isotope.Cli.Commands;

/// <summary>The public part of a key.</summary>
internal sealed record KeyReport(int Classes, int Dimension, string Origin, DateOnly? Created, string Commitment);

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

/// <summary>What a test is expected to find: the median p-value, the probability of p &lt; 10⁻⁴, and the smallest fraction for which that is 90 %.</summary>
internal sealed record PowerEstimate(double MedianLog10P, double Power, double SmallestFraction)
{
    private static readonly PValue Level = new(-4);
    private const double Wanted = 0.9;

    /// <summary>By the theory.</summary>
    public static PowerEstimate Of(FixedFeaturePower theory, double fraction) =>
        new(theory.At(fraction).MedianPValue.Log10, theory.At(fraction).Power(Level), theory.SmallestFraction(Level, Wanted));

    /// <summary>By a z-score's law at one fraction, its shift taken to be proportional to the fraction.</summary>
    public static PowerEstimate Of(ShiftedNormal law, double fraction) => new(
        law.MedianPValue.Log10,
        law.Power(Level),
        law.Shift > 0 ? fraction * ShiftedNormal.Detectable(Level, Wanted).Shift / law.Shift : double.PositiveInfinity);
}

/// <summary>What <c>power</c> expects of a test: by the theory, and by one simulation less its control.</summary>
internal sealed record PowerReport(
    string Isotope,
    int Classes,
    int Dimension,
    int Images,
    double Fraction,
    double? MeanPsnr,
    double MeanDisplacement,
    PowerEstimate Theory,
    PowerEstimate Simulation,
    string SimulatedStatistic)
{
    /// <exception cref="IsotopeException">It can't be read, or is something else.</exception>
    public static PowerReport Load(string path) => JsonFile.Load(path, ReportJson.Default.PowerReport, "what isotope power --json wrote");
}

/// <summary>What <c>mark</c> did.</summary>
internal sealed record MarkReport(
    string Isotope, int Images, double? MeanPsnr, int MaxDifference, double MeanDisplacement, string Out, string? Manifest, string? Queries, string KeyCommitment)
{
    /// <summary>I/N where it was one of several; they have no manifest yet.</summary>
    public string? Shard { get; init; }

    public static MarkReport Of(Manifest manifest, string output, string? queries, string keyCommitment)
    {
        var summary = MarkingSummary.Of(manifest.Images);
        return new MarkReport(
            RunSettings.Version, summary.Images, summary.MeanPsnr, summary.MaxDifference, summary.MeanDisplacement, output, Datasets.Manifest.PathFor(output), queries, keyCommitment);
    }
}

/// <summary>What <c>train</c> did; the accuracy is null where no test images were given, losses are the epochs' means. Weights depend on the number of threads.</summary>
internal sealed record TrainReport(
    string Isotope, string Architecture, int Images, int Epochs, double? Accuracy, IReadOnlyList<double> Losses, string Out, string Sha256, int? Threads = null);

/// <summary>What <c>distill</c> did; the agreement is with the teacher's first labels on the training images.</summary>
internal sealed record DistillReport(TrainReport Student, string Teacher, long Queries, LabelKind Labels, double Agreement);

/// <summary>What <c>query</c> asked.</summary>
internal sealed record QueryReport(string Isotope, string Model, OutputKind Gives, int Images, long Queries, string Out, string Sha256);

/// <summary>A file that was written.</summary>
internal sealed record WrittenReport(string Isotope, string Out);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, RespectRequiredConstructorParameters = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(KeyReport))]
[JsonSerializable(typeof(MarkReport))]
[JsonSerializable(typeof(TrainReport))]
[JsonSerializable(typeof(TestResult))]
[JsonSerializable(typeof(PublishedCommitment))]
[JsonSerializable(typeof(VerifyReport))]
[JsonSerializable(typeof(PowerReport))]
[JsonSerializable(typeof(DistillReport))]
[JsonSerializable(typeof(QueryReport))]
[JsonSerializable(typeof(TrainingOptions))]
[JsonSerializable(typeof(WrittenReport))]
[JsonSerializable(typeof(DoctorReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
