using System.Text.Json.Nodes;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Evidence;
using Isotope.Networks;
using static TorchSharp.torch;

namespace Isotope.Cli.Commands;

/// <summary>One white-box test, from the files it takes to an outcome that can be recorded or compared.</summary>
internal sealed record WhiteBoxJob(string Key, string Marking, string Tested, InputOverride TestedInput, string? Reference, string Images, string? Manifest)
{
    public const string MarkingNetwork = "marking-network";
    public const string TestedNetwork = "tested-network";
    public const string ReferenceNetwork = "reference-network";
    public const string ManifestFile = "manifest";
    public const string VanillaImages = "images";

    /// <exception cref="IsotopeException">An input can't be used, or they do not fit together.</exception>
    public (DetectionResult Result, TestOutcome Outcome) Run(Device device, IProgress<StageProgress>? progress, CancellationToken cancellation)
    {
        var key = KeyFile.LoadForTest(Key);
        var images = ImageFolder.Open(Images);
        var manifest = FindManifest(Manifest, images.Root, key);
        using var marking = Network.Load(Marking, device);
        using var tested = Network.Load(Tested, device, TestedInput);
        using var reference = Reference is null ? null : Network.Load(Reference, device);
        var marked = manifest is null ? null : Datasets.Manifest.Load(manifest);
        var result = WhiteBoxTest.Run(key, marking, tested, images, reference, marked, progress, cancellation);
        List<TestInput> inputs = [TestInput.Of(MarkingNetwork, Marking, marking), TestInput.Of(TestedNetwork, Tested, tested)];
        if (reference is not null) inputs.Add(TestInput.Of(ReferenceNetwork, Reference!, reference));
        inputs.Add(TestInput.Of(VanillaImages, images, cancellation));
        if (manifest is not null) inputs.Add(TestInput.File(ManifestFile, manifest));
        return (result, OutcomeOf(key, result, inputs));
    }

    /// <summary>The manifest that was given; else the nearest one, if it is this key's.</summary>
    /// <exception cref="IsotopeException">The nearest one can't be read.</exception>
    public static string? FindManifest(string? given, string images, CarrierKey key) =>
        given ?? (Datasets.Manifest.FindFor(images) is { } near && Datasets.Manifest.Load(near).IsOfKey(key.Commitment) ? near : null);

    /// <summary>The options of a result, to make its test again.</summary>
    /// <exception cref="IsotopeException">They are not those of a white-box test.</exception>
    public static InputOverride InputOf(JsonObject options)
    {
        try
        {
            return new InputOverride { Mean = Numbers(options["testedMean"]), Std = Numbers(options["testedStd"]), Size = (int?)options["testedSize"] };
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or NullReferenceException)
        {
            throw new IsotopeException("result: expected numbers for testedMean, testedStd and testedSize, found something else", e);
        }
    }

    private TestOutcome OutcomeOf(CarrierKey key, DetectionResult result, IReadOnlyList<TestInput> inputs) => new(
        TestKinds.WhiteBox,
        key,
        TestedNetwork,
        result.Statistic,
        result.Combination,
        result.PValue,
        result.Verdict,
        new JsonObject
        {
            ["statistic"] = result.Statistic,
            ["testedLayer"] = Tested.Contains('#') ? Tested[(Tested.LastIndexOf('#') + 1)..] : null,
            ["testedMean"] = Array(TestedInput.Mean),
            ["testedStd"] = Array(TestedInput.Std),
            ["testedSize"] = TestedInput.Size,
        },
        inputs,
        CosineDetails.Of(key.Dimension, result.Classes, result.Others, result.RankCheck, result.Alignment).ToJson());

    private static JsonArray? Array(IReadOnlyList<double>? numbers) => numbers is null ? null : [.. numbers.Select(number => (JsonNode?)number)];

    private static double[]? Numbers(JsonNode? node) => node is JsonArray numbers ? [.. numbers.Select(number => number!.GetValue<double>())] : null;
}
