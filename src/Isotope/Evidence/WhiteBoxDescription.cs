using System.Text.Json.Nodes;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Networks;

namespace Isotope.Evidence;

/// <summary>A white-box test (paper §3.4): the suspect's weights are at hand.</summary>
public sealed record WhiteBoxDescription : TestDescription
{
    private const string StatisticOption = "statistic";
    private const string ProbesOption = "probes";
    private const string ClassesOption = "classes";

    /// <summary>The marking network, as <see cref="NetworkReference"/> reads it.</summary>
    public required string MarkingNetwork { get; init; }

    /// <summary>The suspect, as <see cref="NetworkReference"/> reads it.</summary>
    public required string TestedNetwork { get; init; }

    /// <summary>What the suspect takes, where the user knows better than its file.</summary>
    public InputOverride TestedInput { get; init; } = new();

    /// <summary>As <see cref="WhiteBoxOptions.Classes"/>.</summary>
    public ClassMap? Classes { get; init; }

    /// <summary>Models that never saw a mark. Default: the marking network, as <see cref="WhiteBoxOptions.References"/> says.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

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
            new(TestInput.MarkingNetwork, MarkingNetwork),
            new(TestInput.TestedNetwork, TestedNetwork),
            .. References.Select((path, i) => new InputPath(TestInput.ReferenceName(i), path)),
            new(TestInput.TestImages, Images),
            .. Manifest is null ? (InputPath[])[] : [new(TestInput.MarkedManifest, Manifest)],
        ];

    internal override JsonObject StatedOptions =>
        SuspectInput.Describe(
            new JsonObject
            {
                [StatisticOption] = Statistic?.ToString().ToLowerInvariant(),
                [ProbesOption] = Probes,
                [ClassesOption] = ClassMap.ToJson(Classes),
            },
            TestedNetwork,
            TestedInput
        );

    internal override InputOverride SuspectTakes => TestedInput;

    /// <inheritdoc/>
    public override void Validate()
    {
        TestedInput.Validate();
        Options([]).Validate();
    }

    internal override TestOutcome Run(TestEnvironment environment)
    {
        var key = Key.LoadForTest();
        var images = Dataset.Open(Images);
        var (manifestFile, manifest) = FindManifest(images.Root, key);
        using var marking = Network.Load(MarkingNetwork, environment.Device);
        using var tested = environment.Suspect(TestedNetwork, TestedInput);
        using var references = new LoadedNetworks(References, environment.Device);

        var result = WhiteBoxTest.Run(
            key,
            marking,
            tested,
            images,
            Options(references.Networks),
            manifest,
            environment.Progress,
            environment.Cancellation
        );
        List<TestInput> inputs =
        [
            TestInput.OfNetwork(TestInput.MarkingNetwork, MarkingNetwork, marking),
            TestInput.OfNetwork(TestInput.TestedNetwork, TestedNetwork, tested),
            .. References.Select((path, i) => TestInput.OfNetwork(TestInput.ReferenceName(i), path, references.Networks[i])),
            TestInput.OfImages(TestInput.TestImages, images, environment.Cancellation),
        ];
        if (manifestFile is not null)
            inputs.Add(TestInput.OfFile(TestInput.MarkedManifest, manifestFile));
        return OutcomeOf(key, result, inputs);
    }

    internal static WhiteBoxDescription Of(TestResult result, OwnerKey key, GivenPaths given) =>
        new()
        {
            Key = key,
            MarkingNetwork = given.Required(TestInput.MarkingNetwork),
            TestedNetwork = given.Required(TestInput.TestedNetwork),
            TestedInput = SuspectInput.Of(result.Options),
            References = given.References(),
            Images = given.Required(TestInput.TestImages),
            Manifest = given.At(TestInput.MarkedManifest),
            FindsManifest = result.Input(TestInput.MarkedManifest) is not null,
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
