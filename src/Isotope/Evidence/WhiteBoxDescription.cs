using System.Text.Json.Nodes;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Detection.Readings;
using Isotope.Networks;

namespace Isotope.Evidence;

/// <summary>A white-box test (paper §3.4): the suspect's weights are at hand.</summary>
public sealed record WhiteBoxDescription : TestDescription
{
    private const string StatisticOption = "statistic";
    private const string ProbesOption = "probes";
    private const string ClassesOption = "classes";

    /// <summary>The marking network.</summary>
    public required NetworkFile MarkingNetwork { get; init; }

    /// <summary>The suspect.</summary>
    public required NetworkFile TestedNetwork { get; init; }

    /// <summary>As <see cref="WhiteBoxOptions.Classes"/>.</summary>
    public ClassMap? Classes { get; init; }

    /// <summary>Models that never saw a mark. Default: the marking network, as <see cref="WhiteBoxOptions.References"/> says.</summary>
    public IReadOnlyList<NetworkFile> References { get; init; } = [];

    /// <summary>Vanilla images.</summary>
    public required string Images { get; init; }

    /// <summary>What was marked. Default: the manifest nearest to the images, if it is this key's.</summary>
    public string? Manifest { get; init; }

    /// <summary>As <see cref="WhiteBoxOptions.Statistic"/>.</summary>
    public WhiteBoxStatistic? Statistic { get; init; }

    /// <summary>As <see cref="WhiteBoxOptions.Probes"/>.</summary>
    public int Probes { get; init; } = FeatureResponse.DefaultProbes;

    /// <summary>As <see cref="WhiteBoxOptions.RankSets"/>.</summary>
    public int RankSets { get; init; } = RankCheck.DefaultSets;

    /// <summary>Whether the manifest is looked for where none is given. A test that is made again without one takes none.</summary>
    internal bool FindsManifest { get; init; } = true;

    /// <inheritdoc/>
    public override string Kind => TestKinds.WhiteBox;

    /// <inheritdoc/>
    public override string SuspectName => TestInput.TestedNetwork;

    /// <inheritdoc/>
    public override IEnumerable<InputPath> Inputs =>
        [
            MarkingInput,
            TestedInput,
            .. ReferenceInputs,
            new(TestInput.TestImages, Images),
            .. Manifest is null ? (InputPath[])[] : [new(TestInput.MarkedManifest, Manifest)],
        ];

    internal override JsonObject StatedOptions =>
        new()
        {
            [StatisticOption] = Statistic?.ToString().ToLowerInvariant(),
            [ProbesOption] = Probes,
            [ClassesOption] = ClassMap.ToJson(Classes),
            [AnywayOption] = Anyway,
        };

    private InputPath MarkingInput => InputPath.Of(TestInput.MarkingNetwork, MarkingNetwork);

    private InputPath TestedInput => InputPath.Of(TestInput.TestedNetwork, TestedNetwork);

    private IEnumerable<InputPath> ReferenceInputs => References.Select((file, i) => InputPath.Of(TestInput.ReferenceName(i), file));

    /// <inheritdoc/>
    public override void Validate()
    {
        foreach (var input in Inputs)
            input.Takes?.Validate();
        Options([]).Validate();
    }

    internal override TestOutcome Run(TestEnvironment environment)
    {
        var key = Key.LoadForTest();
        var images = Dataset.Open(Images);
        var (manifestFile, manifest) = FindManifest(images.Root, key);
        using var marking = environment.Load(MarkingInput);
        using var tested = environment.Load(TestedInput);
        using var references = new LoadedNetworks(ReferenceInputs, environment);

        var options = Options(references.Networks);
        WhiteBoxTest.Require(key, marking, tested, options, manifest);
        var vanilla = manifest is null ? images : VanillaGuard.Keep(images, manifest, environment.Cancellation);
        var check = environment.Check(Anyway);
        List<TestInput> inputs =
        [
            Checked(check, MarkingInput, marking, vanilla, isCertain: manifest is not null && MarkingNetworkCheck.StatesInput(manifest)),
            Checked(check, TestedInput, tested, vanilla),
            .. ReferenceInputs.Zip(references.Networks, (given, network) => Checked(check, given, network, vanilla)),
        ];
        var (progress, cancellation) = (environment.Progress, environment.Cancellation);
        var result = WhiteBoxTest.RunOn(vanilla, key, marking, tested, options, manifest, check, progress, cancellation);
        inputs.Add(TestInput.OfImages(TestInput.TestImages, images, cancellation));
        if (manifestFile is not null)
            inputs.Add(TestInput.OfFile(TestInput.MarkedManifest, manifestFile));
        return OutcomeOf(key, result.LeavingOut(images.Images.Count - vanilla.Images.Count), inputs);
    }

    private static TestInput Checked(ReadingCheck check, InputPath given, Network network, Dataset images, bool isCertain = false) =>
        TestInput.OfNetwork(given.Name, given.Path, network, check.Require(given.Name, network, images, isCertain));

    internal static WhiteBoxDescription Of(TestResult result, OwnerKey key, GivenPaths given) =>
        new()
        {
            Key = key,
            MarkingNetwork = given.Required(TestInput.MarkingNetwork).File,
            TestedNetwork = given.Required(TestInput.TestedNetwork).File,
            References = [.. given.References().Select(reference => reference.File)],
            Images = given.Required(TestInput.TestImages).Path,
            Manifest = given.At(TestInput.MarkedManifest),
            FindsManifest = result.Input(TestInput.MarkedManifest) is not null,
            Anyway = IsAnyway(result),
            Statistic = StatisticOf(result.Statistic),
            Probes = ProbesOf(result.Options),
            Classes = ClassMap.OfJson(result.Options[ClassesOption]),
            RankSets = CosineDetails.Of(result.Kind, result.Details).RankCheck?.Sets ?? RankCheck.DefaultSets,
        };

    private WhiteBoxOptions Options(IReadOnlyList<Network> references) =>
        new()
        {
            Statistic = Statistic,
            References = references,
            Classes = Classes,
            Probes = Probes,
            RankSets = RankSets,
        };

    /// <summary>The manifest that was given; else the nearest one, if it is this key's.</summary>
    private (string? Path, Manifest? Manifest) FindManifest(string images, CarrierKey key)
    {
        var path = Manifest ?? (FindsManifest ? Datasets.Manifest.FindFor(images) : null);
        if (path is null)
            return default;
        var manifest = Datasets.Manifest.Load(path);
        return Manifest is null && !manifest.IsOfKey(key.Commitment) ? default : (path, manifest);
    }

    private TestOutcome OutcomeOf(CarrierKey key, DetectionResult result, IReadOnlyList<TestInput> inputs)
    {
        var options = StatedOptions;
        options[StatisticOption] = result.Statistic;
        var details = new CosineDetails(key.Dimension, result.Classes, result.Others, result.RankCheck, result.Alignment)
        {
            Readings = result.Readings,
        };
        return new TestOutcome(
            Kind,
            key,
            SuspectName,
            result.Statistic,
            result.Combination,
            result.PValue,
            options,
            inputs,
            details.ToJson()
        );
    }

    private static WhiteBoxStatistic StatisticOf(string name) =>
        name switch
        {
            "response" => WhiteBoxStatistic.Response,
            "paper" => WhiteBoxStatistic.Paper,
            _ => throw new IsotopeException($"result: expected the statistic response or paper, found '{name}'"),
        };

    private static int ProbesOf(JsonObject options) =>
        options[ProbesOption] is JsonValue value && value.TryGetValue<int>(out var probes)
            ? probes
            : throw new IsotopeException(
                $"result: expected a whole number of {ProbesOption}, found {options[ProbesOption]?.ToJsonString() ?? "none"}"
            );
}
