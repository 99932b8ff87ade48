using System.CommandLine;
using Isotope.Carriers;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Evidence;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Cli.Commands;

/// <summary>Inputs of a test that are given again, to check its result.</summary>
internal sealed class GivenInputs(PassphraseInput passphrase)
{
    private readonly Option<string?> key = new("--key") { Description = "The key or its opening" };
    private readonly Option<string?> commitment = new("--commitment") { Description = "The commitment that was published" };
    private readonly OwnersInputs owners = new("The images that the test took: vanilla ones, or those that were suspected");
    private readonly Option<string?> tested = Input(WhiteBoxJob.TestedNetwork, "The suspect model");

    private readonly Option<string?>[] folders =
    [
        Input(ImagesJob.OriginalImages, "The originals of suspected images"),
        Input(ImagesJob.ReferenceImages, "The vanilla reference images of a test of images"),
    ];

    private readonly Option<string?> predictions = Input(TestedModel.Predictions, "What the suspect model had said, if the test took that");
    private readonly Option<string?> answers = Input(TestedModel.Answers, "The journal of an endpoint's answers, if the test took that");
    private readonly Option<string?> manifest = Input(TestInput.MarkedManifest, "The manifest of what was marked, if the test took it");

    public void AddTo(Command command)
    {
        command.Add(key);
        command.Add(commitment);
        owners.AddTo(command);
        foreach (var option in (Option[])[tested, .. folders, predictions, answers, manifest])
            command.Add(option);
        passphrase.AddTo(command);
    }

    /// <exception cref="IsotopeException">An input can't be read.</exception>
    public IReadOnlyList<Finding> Check(
        TestResult result,
        ParseResult parsed,
        Device device,
        IProgress<StageProgress>? progress,
        CancellationToken cancellation
    )
    {
        List<Finding> findings = [.. Verification.OfFile(result)];
        var ownerKey = parsed.GetValue(key) is { } file ? passphrase.Key(parsed, file) : null;
        var opened = ownerKey?.LoadForTest();
        if (opened is not null)
            findings.AddRange(OfKey(result, opened, Ledger.PathFor(ownerKey!.File)));
        var published = parsed.GetValue(commitment);
        if (published is not null)
            findings.AddRange(Verification.OfPublished(result, published));
        TestInput[] inputs = [.. owners.Read(parsed, device, cancellation), .. Others(result, parsed, device, cancellation)];
        findings.AddRange(inputs.Select(input => Verification.OfInput(result, input)));
        if (
            (opened, published, inputs.FirstOrDefault(input => input.Name == TestInput.MarkedManifest)) is
            ({ } carriers, { } path, { } marked)
        )
            findings.Add(
                Verification.OfManifest(
                    PublishedCommitment.Load(path),
                    carriers,
                    CommitmentCommands.ReadDocument(manifest.Name, marked.Path)
                )
            );
        if (opened is not null && AreAllGiven(result, parsed))
            findings.AddRange(
                Verification.OfRepeatedTest(
                    result,
                    opened,
                    inputs,
                    () => Repeated(result, parsed, ownerKey!, device, progress, cancellation)
                )
            );
        return findings;
    }

    private static Option<string?> Input(string name, string description) => new($"--{name}") { Description = description };

    private static IEnumerable<Finding> OfKey(TestResult result, CarrierKey opened, string ledger)
    {
        var tests = result.Ledger.Log10PValues.Count == 1 ? "1 test" : $"{result.Ledger.Log10PValues.Count} tests";
        return Verification
            .OfKey(result, opened)
            .Append(
                File.Exists(ledger)
                    ? Finding.Same(
                        "ledger beside the key",
                        tests,
                        Ledger.Contains(ledger, opened.Commitment, result.Ledger) ? tests : "not all of them"
                    )
                    : Finding.Skipped("ledger beside the key", tests, "there is none")
            );
    }

    /// <summary>Given inputs that are not the owner's choice.</summary>
    private IEnumerable<TestInput> Others(TestResult result, ParseResult parsed, Device device, CancellationToken cancellation) =>
        Given(parsed, [tested, .. folders, predictions, answers, manifest])
            .Select(given =>
                given.Name switch
                {
                    WhiteBoxJob.TestedNetwork => OfTested(result, given.Path, device, cancellation),
                    ImagesJob.OriginalImages or ImagesJob.ReferenceImages => TestInput.Of(
                        given.Name,
                        Dataset.OpenAny(given.Path),
                        cancellation
                    ),
                    _ => TestInput.File(given.Name, given.Path),
                }
            );

    private static TestInput OfTested(TestResult result, string reference, Device device, CancellationToken cancellation)
    {
        using var network = TrialLoad.Load(reference, device, TestedInput.Of(result.Options), cancellation);
        return TestInput.Of(WhiteBoxJob.TestedNetwork, reference, network);
    }

    private static IEnumerable<(string Name, string Path)> Given(ParseResult parsed, IEnumerable<Option<string?>> options) =>
        options.Where(option => parsed.GetValue(option) is not null).Select(option => (option.Name[2..], parsed.GetValue(option)!));

    /// <summary>Whether the test can be made again; the manifest bears on nothing but what is refused.</summary>
    private bool AreAllGiven(TestResult result, ParseResult parsed)
    {
        string[] names =
        [
            TestInput.MarkedManifest,
            .. owners.Names(parsed),
            .. Given(parsed, [tested, .. folders, predictions, answers]).Select(input => input.Name),
        ];
        return result.Inputs.All(input => names.Contains(input.Name));
    }

    private TestOutcome Repeated(
        TestResult result,
        ParseResult parsed,
        OwnerKey ownerKey,
        Device device,
        IProgress<StageProgress>? progress,
        CancellationToken cancellation
    )
    {
        string? At(string name) => result.Input(name) is null ? null : parsed.GetValue<string?>($"--{name}");
        string Required(string name) =>
            At(name) ?? throw new IsotopeException($"result: expected an input {name} of a {result.Kind} test, found none");
        var given = owners.References(parsed);
        return result.Kind switch
        {
            TestKinds.WhiteBox => new WhiteBoxJob(
                ownerKey,
                Required(TestInput.MarkingNetwork),
                Required(WhiteBoxJob.TestedNetwork),
                TestedInput.Of(result.Options),
                given,
                Choices.FindStatistic(result.Statistic),
                WhiteBoxJob.ProbesOf(result.Options),
                CosineDetails.Of(result.Kind, result.Details).RankCheck?.Sets ?? RankCheck.DefaultSets,
                Required(TestInput.TestImages),
                parsed.GetValue(manifest)
            )
            {
                FindsManifest = result.Input(TestInput.MarkedManifest) is not null,
            }
                .Run(device, progress, cancellation)
                .Outcome,
            TestKinds.Images => new ImagesJob(
                ownerKey,
                Required(TestInput.MarkingNetwork),
                Required(TestInput.TestImages),
                At(ImagesJob.OriginalImages),
                At(ImagesJob.ReferenceImages),
                result.Options[ImagesJob.LabelOption]?.ToString()
            )
                .Run(device, progress, cancellation)
                .Outcome,
            TestKinds.BlackBox => RepeatedAsking(
                result,
                ownerKey,
                Required(TestInput.QueryImages),
                OnlyOne(given),
                At(TestedModel.Network) ?? At(TestedModel.Answers) ?? Required(TestedModel.Predictions),
                device,
                progress,
                cancellation
            ),
            _ => throw new IsotopeException($"result: expected a test that can be made again, found one of kind {result.Kind}"),
        };
    }

    private static string? OnlyOne(string[] references) =>
        references.Length <= 1
            ? references.FirstOrDefault()
            : throw new IsotopeException(
                $"--{TestInput.ReferenceNetwork}: expected at most one of a black-box test, found {references.Length}"
            );

    /// <summary>The black-box test made again, of a file: an endpoint is not asked again, its answers are in the journal.</summary>
    private static TestOutcome RepeatedAsking(
        TestResult result,
        OwnerKey ownerKey,
        string queries,
        string? reference,
        string model,
        Device device,
        IProgress<StageProgress>? progress,
        CancellationToken cancellation
    )
    {
        var ((access, options), input, isNetwork) = (
            BlackBoxJob.Of(result.Options),
            TestedInput.Of(result.Options),
            result.Input(TestedModel.Network) is not null
        );
        return new BlackBoxJob(ownerKey, queries, reference, input, isNetwork ? model : null, options)
            .Run(Open, device, progress, cancellation)
            .Outcome;

        OpenedModel Open(int classes)
        {
            if (isNetwork)
                return TestedModel.OpenNetwork(model, classes, access, input, device, cancellation);
            return result.Input(TestedModel.Answers) is null
                ? TestedModel.OpenPredictions(model, classes, access)
                : TestedModel.OpenAnswers(model, classes, access);
        }
    }
}
