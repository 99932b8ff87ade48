using System.Text.Json.Nodes;
using Isotope.Carriers;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Evidence;
using Isotope.Networks;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Cli.Commands;

/// <summary>One white-box test, from the files it takes to an outcome that can be recorded or compared.</summary>
internal sealed record WhiteBoxJob(
    OwnerKey Key,
    string Marking,
    string Tested,
    InputOverride TestedInput,
    IReadOnlyList<string> References,
    WhiteBoxStatistic? Statistic,
    int Probes,
    int RankSets,
    string Images,
    string? Manifest
)
{
    public const string TestedNetwork = "tested-network";
    public const string ProbesOption = "probes";

    /// <summary>
    /// Whether, where none is given, the nearest manifest is taken that is this key's. A test made again takes none if it took none.
    /// </summary>
    public bool FindsManifest { get; init; } = true;

    /// <exception cref="IsotopeException">An input can't be used, or they do not fit together.</exception>
    public (DetectionResult Result, TestOutcome Outcome) Run(
        Device device,
        IProgress<StageProgress>? progress,
        CancellationToken cancellation
    )
    {
        var key = Key.LoadForTest();
        var images = Dataset.Open(Images);
        var (manifest, marked) = FindManifest(images.Root, key);
        using var marking = Network.Load(Marking, device);
        using var tested = TrialLoad.Load(Tested, device, TestedInput, cancellation);
        using var references = new NetworkList(References, device);
        var options = new WhiteBoxOptions
        {
            Statistic = Statistic,
            References = references.Networks,
            Probes = Probes,
            RankSets = RankSets,
        };
        var result = WhiteBoxTest.Run(key, marking, tested, images, options, marked, progress, cancellation);
        List<TestInput> inputs = [TestInput.Of(TestInput.MarkingNetwork, Marking, marking), TestInput.Of(TestedNetwork, Tested, tested)];
        inputs.AddRange(References.Select((path, i) => TestInput.Of(TestInput.ReferenceName(i), path, references.Networks[i])));
        inputs.Add(TestInput.Of(TestInput.TestImages, images, cancellation));
        if (manifest is not null)
            inputs.Add(TestInput.File(TestInput.MarkedManifest, manifest));
        return (result, OutcomeOf(key, result, inputs));
    }

    /// <summary>The manifest that was given; else the nearest one, if it is this key's.</summary>
    /// <exception cref="IsotopeException">The nearest one can't be read.</exception>
    private (string? Path, Manifest? Manifest) FindManifest(string images, CarrierKey key)
    {
        if ((Manifest ?? (FindsManifest ? Datasets.Manifest.FindFor(images) : null)) is not { } path)
            return default;
        var manifest = Datasets.Manifest.Load(path);
        return Manifest is null && !manifest.IsOfKey(key.Commitment) ? default : (path, manifest);
    }

    /// <summary>The number of probes of a result.</summary>
    /// <exception cref="IsotopeException">It is no number.</exception>
    public static int ProbesOf(JsonObject options) =>
        options[ProbesOption] is JsonValue value && value.TryGetValue<int>(out var probes)
            ? probes
            : throw new IsotopeException(
                $"result: expected a whole number of {ProbesOption}, found {options[ProbesOption]?.ToJsonString() ?? "none"}"
            );

    private TestOutcome OutcomeOf(CarrierKey key, DetectionResult result, IReadOnlyList<TestInput> inputs) =>
        new(
            TestKinds.WhiteBox,
            key,
            TestedNetwork,
            result.Statistic,
            result.Combination,
            result.PValue,
            Commands.TestedInput.Describe(
                new JsonObject { ["statistic"] = result.Statistic, [ProbesOption] = Probes },
                Tested,
                TestedInput
            ),
            inputs,
            new CosineDetails(key.Dimension, result.Classes, result.Others, result.RankCheck, result.Alignment).ToJson()
        );
}
