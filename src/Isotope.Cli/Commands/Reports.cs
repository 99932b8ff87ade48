using System.CommandLine;
using System.Text.Json.Serialization;
using Isotope.Cli.Demo;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Evidence;
using Isotope.Files;
using Isotope.Marking;
using Isotope.Networks;
using Isotope.Networks.BlackBoxes;
using Isotope.Reports;
using Isotope.Statistics;
using Isotope.Training;

namespace Isotope.Cli.Commands;

/// <summary>The public part of a key.</summary>
internal sealed record KeyReport(int Classes, int Dimension, string Origin, DateOnly? Created, string Commitment);

/// <summary>What checking a result or a commitment found.</summary>
internal sealed record VerifyReport(string Isotope, bool Agrees, IReadOnlyList<Finding> Findings)
{
    public static VerifyReport Of(IReadOnlyList<Finding> findings) =>
        new(RunSettings.Version, findings.All(finding => finding.Outcome != Outcome.Differs), findings);
}

/// <summary>
/// What a test is expected to find: the median p-value, the probability of p &lt; 10⁻⁴, and the smallest fraction for which that is 90 %,
/// null where none is enough.
/// </summary>
internal sealed record PowerEstimate(double MedianLog10P, double Power, double? SmallestFraction)
{
    private static readonly PValue Level = new(-4);
    private const double Wanted = 0.9;

    /// <summary>By the theory.</summary>
    public static PowerEstimate Of(FixedFeaturePower theory, double fraction) =>
        new(theory.At(fraction).MedianPValue.Log10, theory.At(fraction).Power(Level), Possible(theory.SmallestFraction(Level, Wanted)));

    /// <summary>By a z-score's law at one fraction, its shift taken to be proportional to the fraction.</summary>
    public static PowerEstimate Of(ShiftedNormal law, double fraction) =>
        new(
            law.MedianPValue.Log10,
            law.Power(Level),
            law.Shift > 0 ? Possible(fraction * ShiftedNormal.Detectable(Level, Wanted).Shift / law.Shift) : null
        );

    private static double? Possible(double fraction) => fraction <= 1 ? fraction : null;
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
    PowerEstimate Simulation
)
{
    /// <exception cref="IsotopeException">It can't be read, or is something else.</exception>
    public static PowerReport Load(string path) => JsonFile.Load(path, ReportJson.Default.PowerReport, "what isotope power --json wrote");
}

/// <summary>What <c>mark</c> did.</summary>
internal sealed record MarkReport(
    string Isotope,
    int Images,
    double? MeanPsnr,
    int MaxDifference,
    double MeanDisplacement,
    string Out,
    string? Manifest,
    string? Queries,
    string KeyCommitment
)
{
    /// <summary>I/N where it was one of several; they have no manifest yet.</summary>
    public string? Shard { get; init; }

    public static MarkReport Of(Manifest manifest, string output, string? queries, string keyCommitment)
    {
        var summary = MarkingSummary.Of(manifest.Images);
        return new MarkReport(
            RunSettings.Version,
            summary.Images,
            summary.MeanPsnr,
            summary.MaxDifference,
            summary.MeanDisplacement,
            output,
            Datasets.Manifest.PathFor(output),
            queries,
            keyCommitment
        );
    }
}

/// <summary>What <c>distill</c> did; the agreement is with the teacher's first labels on the training images.</summary>
internal sealed record DistillReport(TrainingFacts Student, string Teacher, long Queries, LabelKind Labels, double Agreement);

/// <summary>What <c>query</c> asked.</summary>
internal sealed record QueryReport(string Isotope, string Model, OutputKind Gives, int Images, long Queries, string Out, string Sha256);

/// <summary>What <c>network convert</c> wrote.</summary>
internal sealed record ConvertReport(string Isotope, int Tensors, string Out, string Sha256);

/// <summary>What <c>counterfactuals</c> made.</summary>
internal sealed record CounterfactualsReport(string Isotope, MarkUnit Unit, int Versions, int Images, string Out, string Index)
{
    public static CounterfactualsReport Of(QuerySet set, string folder) =>
        new(RunSettings.Version, set.Unit, set.Versions, set.Images.Count, folder, QuerySet.IndexFor(folder));
}

/// <summary>A file that was written.</summary>
internal sealed record WrittenReport(string Isotope, string Out);

/// <summary>A text that is printed: a script, a manual page.</summary>
internal sealed record TextReport(string Isotope, string Text)
{
    public static void Write(Session session, ParseResult parsed, string text) =>
        session.Write(
            parsed,
            new TextReport(RunSettings.Version, text),
            ReportJson.Default.TextReport,
            console => console.Profile.Out.Writer.Write(text)
        );
}

/// <summary>Where <c>serve</c> is.</summary>
internal sealed record AddressReport(string Isotope, string Address);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectRequiredConstructorParameters = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals
)]
[JsonSerializable(typeof(KeyReport))]
[JsonSerializable(typeof(MarkReport))]
[JsonSerializable(typeof(TrainingFacts))]
[JsonSerializable(typeof(TestResult))]
[JsonSerializable(typeof(PublishedCommitment))]
[JsonSerializable(typeof(VerifyReport))]
[JsonSerializable(typeof(PowerReport))]
[JsonSerializable(typeof(DistillReport))]
[JsonSerializable(typeof(QueryReport))]
[JsonSerializable(typeof(TrainingOptions))]
[JsonSerializable(typeof(WrittenReport))]
[JsonSerializable(typeof(TextReport))]
[JsonSerializable(typeof(AddressReport))]
[JsonSerializable(typeof(DoctorReport))]
[JsonSerializable(typeof(DemoReport))]
[JsonSerializable(typeof(NetworkDescription))]
[JsonSerializable(typeof(ConvertReport))]
[JsonSerializable(typeof(CounterfactualsReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
