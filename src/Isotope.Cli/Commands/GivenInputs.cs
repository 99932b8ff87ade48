using System.CommandLine;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Evidence;
using Isotope.Networks;
using static TorchSharp.torch;

namespace Isotope.Cli.Commands;

/// <summary>Inputs of a test that are given again, to check its result.</summary>
internal sealed class GivenInputs
{
    private readonly Option<string?> key = new("--key") { Description = "The key or its opening" };
    private readonly Option<string?> commitment = new("--commitment") { Description = "The commitment that was published" };
    private readonly Option<string?>[] networks =
    [
        Input(WhiteBoxJob.MarkingNetwork, "The marking network: FILE or ARCHITECTURE:FILE"),
        Input(WhiteBoxJob.TestedNetwork, "The suspect model"),
    ];

    private readonly Option<string[]> references = new($"--{WhiteBoxJob.ReferenceNetwork}") { Description = "The owner's own models, if the test took some, in its order" };

    private readonly Option<string?>[] folders =
    [
        Input(WhiteBoxJob.VanillaImages, "The images that the test took: vanilla ones, or those that were suspected"),
        Input(ImagesJob.OriginalImages, "The originals of suspected images"),
        Input(ImagesJob.ReferenceImages, "The vanilla reference images of a test of images"),
    ];

    private readonly Option<string?> manifest = Input(WhiteBoxJob.ManifestFile, "The manifest of what was marked, if the test took it");

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[key, commitment, .. networks, references, .. folders, manifest]) command.Add(option);
    }

    /// <exception cref="IsotopeException">An input can't be read.</exception>
    public IReadOnlyList<Finding> Check(TestResult result, ParseResult parsed, Device device, IProgress<StageProgress>? progress, CancellationToken cancellation)
    {
        List<Finding> findings = [.. Verification.OfFile(result)];
        if (parsed.GetValue(key) is { } keyFile) findings.AddRange(OfKey(result, keyFile));
        if (parsed.GetValue(commitment) is { } published) findings.AddRange(Verification.OfPublished(result, published));
        findings.AddRange(Inputs(result, parsed, device, cancellation).Select(input => Verification.OfInput(result, input)));
        if (Repeated(result, parsed, device, progress, cancellation) is { } outcome) findings.AddRange(Verification.OfRepeatedTest(result, outcome));
        return findings;
    }

    private static Option<string?> Input(string name, string description) => new($"--{name}") { Description = description };

    private static IEnumerable<Finding> OfKey(TestResult result, string keyFile)
    {
        var (opened, ledger) = (KeyFile.LoadForTest(keyFile), Ledger.PathFor(keyFile));
        var tests = $"{result.Ledger.Log10PValues.Count} tests";
        return Verification.OfKey(result, opened).Append(File.Exists(ledger)
            ? Finding.Same("ledger beside the key", tests, Ledger.Contains(ledger, opened.Commitment, result.Ledger) ? tests : "not all of them")
            : Finding.Skipped("ledger beside the key", tests, "there is none"));
    }

    private IEnumerable<TestInput> Inputs(TestResult result, ParseResult parsed, Device device, CancellationToken cancellation)
    {
        foreach (var (option, reference) in Given(parsed, networks))
        {
            using var network = TrialLoad.Load(reference, device, option.Name == $"--{WhiteBoxJob.TestedNetwork}" ? WhiteBoxJob.InputOf(result.Options) : null, cancellation);
            yield return TestInput.Of(option.Name[2..], reference, network);
        }

        foreach (var (i, reference) in (parsed.GetValue(references) ?? []).Index())
        {
            using var network = Network.Load(reference, device);
            yield return TestInput.Of(WhiteBoxJob.ReferenceName(i), reference, network);
        }

        foreach (var (option, path) in Given(parsed, folders)) yield return TestInput.Of(option.Name[2..], Dataset.OpenAny(path), cancellation);
        if (parsed.GetValue(manifest) is { } file) yield return TestInput.File(manifest.Name[2..], file);
    }

    private static IEnumerable<(Option<string?> Option, string Value)> Given(ParseResult parsed, IEnumerable<Option<string?>> options) =>
        options.Where(option => parsed.GetValue(option) is not null).Select(option => (option, parsed.GetValue(option)!));

    /// <summary>The test made again; null where the key or an input other than the manifest is not given.</summary>
    private TestOutcome? Repeated(TestResult result, ParseResult parsed, Device device, IProgress<StageProgress>? progress, CancellationToken cancellation)
    {
        string? At(string name) => result.Input(name) is null ? null : parsed.GetValue<string?>($"--{name}");
        var given = parsed.GetValue(references) ?? [];
        string[] names = [WhiteBoxJob.ManifestFile, .. given.Select((_, i) => WhiteBoxJob.ReferenceName(i)), .. Given(parsed, [.. networks, .. folders]).Select(input => input.Option.Name[2..])];
        var missing = result.Inputs.Any(input => !names.Contains(input.Name));
        if (missing || parsed.GetValue(key) is not { } keyFile) return null;
        return result.Kind switch
        {
            TestKinds.WhiteBox => new WhiteBoxJob(
                keyFile,
                At(WhiteBoxJob.MarkingNetwork)!,
                At(WhiteBoxJob.TestedNetwork)!,
                WhiteBoxJob.InputOf(result.Options),
                given,
                Choices.FindStatistic(result.Statistic),
                WhiteBoxJob.ProbesOf(result.Options),
                At(WhiteBoxJob.VanillaImages)!,
                parsed.GetValue(manifest)).Run(device, progress, cancellation).Outcome,
            TestKinds.Images => new ImagesJob(
                keyFile,
                At(WhiteBoxJob.MarkingNetwork)!,
                At(ImagesJob.SuspectImageFiles)!,
                At(ImagesJob.OriginalImages),
                At(ImagesJob.ReferenceImages),
                result.Options[ImagesJob.LabelOption]?.ToString()).Run(device, progress, cancellation).Outcome,
            _ => null,
        };
    }
}
