using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Evidence;
using Isotope.Networks;
using static TorchSharp.torch;

namespace Isotope.Cli.Commands;

/// <summary>Inputs of a test that are given again, to check its result.</summary>
internal sealed class GivenInputs(PassphraseInput passphrase)
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

    private readonly Option<string?> queries = Input(BlackBoxJob.QueryImages, "The query images of a black-box test");
    private readonly Option<string?> predictions = Input(TestedModel.Predictions, "What the suspect model had said, if the test took that");
    private readonly Option<string?> answers = Input(TestedModel.Answers, "The journal of an endpoint's answers, if the test took that");
    private readonly Option<string?> manifest = Input(WhiteBoxJob.ManifestFile, "The manifest of what was marked, if the test took it");

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[key, commitment, .. networks, references, .. folders, queries, predictions, answers, manifest]) command.Add(option);
        passphrase.AddTo(command);
    }

    /// <exception cref="IsotopeException">An input can't be read.</exception>
    public IReadOnlyList<Finding> Check(TestResult result, ParseResult parsed, Device device, IProgress<StageProgress>? progress, CancellationToken cancellation)
    {
        List<Finding> findings = [.. Verification.OfFile(result)];
        if (KeyOf(parsed) is { } ownerKey) findings.AddRange(OfKey(result, ownerKey));
        if (parsed.GetValue(commitment) is { } published) findings.AddRange(Verification.OfPublished(result, published));
        var outcome = Repeated(result, parsed, device, progress, cancellation);
        TestInput[] taken = [.. (outcome?.Inputs ?? []).Where(input => result.Input(input.Name) is not null)]; // not a manifest that happens to lie near by now
        var others = Inputs(result, parsed, [.. taken.Select(input => input.Name)], device, cancellation);
        findings.AddRange(taken.Concat(others).Select(input => Verification.OfInput(result, input)));
        if (outcome is not null) findings.AddRange(Verification.OfRepeatedTest(result, outcome));
        return findings;
    }

    private OwnerKey? KeyOf(ParseResult parsed) => parsed.GetValue(key) is { } file ? passphrase.Key(parsed, file) : null;

    private static Option<string?> Input(string name, string description) => new($"--{name}") { Description = description };

    private static IEnumerable<Finding> OfKey(TestResult result, OwnerKey ownerKey)
    {
        var (opened, ledger) = (ownerKey.LoadForTest(), Ledger.PathFor(ownerKey.File));
        var tests = $"{result.Ledger.Log10PValues.Count} tests";
        return Verification.OfKey(result, opened).Append(File.Exists(ledger)
            ? Finding.Same("ledger beside the key", tests, Ledger.Contains(ledger, opened.Commitment, result.Ledger) ? tests : "not all of them")
            : Finding.Skipped("ledger beside the key", tests, "there is none"));
    }

    /// <summary>Given inputs but those that a repeated test has read already.</summary>
    private IEnumerable<TestInput> Inputs(TestResult result, ParseResult parsed, HashSet<string> read, Device device, CancellationToken cancellation)
    {
        foreach (var (option, reference) in Unread(networks))
        {
            using var network = TrialLoad.Load(reference, device, option.Name == $"--{WhiteBoxJob.TestedNetwork}" ? TestedInput.Of(result.Options) : null, cancellation);
            yield return TestInput.Of(option.Name[2..], reference, network);
        }

        foreach (var (i, reference) in (parsed.GetValue(references) ?? []).Index().Where(reference => !read.Contains(WhiteBoxJob.ReferenceName(reference.Index))))
        {
            using var network = Network.Load(reference, device);
            yield return TestInput.Of(WhiteBoxJob.ReferenceName(i), reference, network);
        }

        foreach (var (option, path) in Unread(folders)) yield return TestInput.Of(option.Name[2..], Dataset.OpenAny(path), cancellation);
        foreach (var (_, asked) in Unread([queries])) yield return BlackBoxJob.IndexOf(asked);
        foreach (var (option, path) in Unread([predictions, answers, manifest])) yield return TestInput.File(option.Name[2..], path);

        IEnumerable<(Option<string?> Option, string Value)> Unread(IEnumerable<Option<string?>> options) => Given(parsed, options).Where(given => !read.Contains(given.Option.Name[2..]));
    }

    private static IEnumerable<(Option<string?> Option, string Value)> Given(ParseResult parsed, IEnumerable<Option<string?>> options) =>
        options.Where(option => parsed.GetValue(option) is not null).Select(option => (option, parsed.GetValue(option)!));

    /// <summary>The test made again; null where the key or an input other than the manifest is not given.</summary>
    private TestOutcome? Repeated(TestResult result, ParseResult parsed, Device device, IProgress<StageProgress>? progress, CancellationToken cancellation)
    {
        string? At(string name) => result.Input(name) is null ? null : parsed.GetValue<string?>($"--{name}");
        string Required(string name) => At(name) ?? throw new IsotopeException($"result: expected an input {name} of a {result.Kind} test, found none");
        var given = parsed.GetValue(references) ?? [];
        string[] names = [WhiteBoxJob.ManifestFile, .. given.Select((_, i) => WhiteBoxJob.ReferenceName(i)), .. Given(parsed, [.. networks, .. folders, queries, predictions]).Select(input => input.Option.Name[2..])];
        var missing = result.Inputs.Any(input => !names.Contains(input.Name));
        if (missing || KeyOf(parsed) is not { } ownerKey) return null;
        return result.Kind switch
        {
            TestKinds.WhiteBox => new WhiteBoxJob(
                ownerKey,
                Required(WhiteBoxJob.MarkingNetwork),
                Required(WhiteBoxJob.TestedNetwork),
                TestedInput.Of(result.Options),
                given,
                Choices.FindStatistic(result.Statistic),
                WhiteBoxJob.ProbesOf(result.Options),
                RankCheck.DefaultSets,
                Required(WhiteBoxJob.VanillaImages),
                parsed.GetValue(manifest)).Run(device, progress, cancellation).Outcome,
            TestKinds.Images => new ImagesJob(
                ownerKey,
                Required(WhiteBoxJob.MarkingNetwork),
                Required(ImagesJob.SuspectImageFiles),
                At(ImagesJob.OriginalImages),
                At(ImagesJob.ReferenceImages),
                result.Options[ImagesJob.LabelOption]?.ToString()).Run(device, progress, cancellation).Outcome,
            TestKinds.BlackBox => RepeatedAsking(
                result, ownerKey, Required(BlackBoxJob.QueryImages), OnlyOne(given), At(TestedModel.Network) ?? Required(TestedModel.Predictions), device, progress, cancellation),
            _ => null,
        };
    }

    private static string? OnlyOne(string[] references) => references.Length <= 1
        ? references.FirstOrDefault()
        : throw new IsotopeException($"--{WhiteBoxJob.ReferenceNetwork}: expected at most one of a black-box test, found {references.Length}");

    /// <summary>The black-box test made again, of a file: an endpoint is not asked again.</summary>
    private static TestOutcome RepeatedAsking(
        TestResult result, OwnerKey ownerKey, string queries, string? reference, string model, Device device, IProgress<StageProgress>? progress, CancellationToken cancellation)
    {
        var ((access, options), input, isNetwork) = (BlackBoxJob.Of(result.Options), TestedInput.Of(result.Options), result.Input(TestedModel.Network) is not null);
        return new BlackBoxJob(ownerKey, queries, reference, input, isNetwork ? model : null, options).Run(Open, device, progress, cancellation).Outcome;

        OpenedModel Open(int classes) => isNetwork
            ? TestedModel.OpenNetwork(model, classes, access, input, device, cancellation)
            : TestedModel.OpenPredictions(model, classes, access);
    }
}
