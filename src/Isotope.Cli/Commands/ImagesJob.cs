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

/// <summary>One test of images, from the files it takes to an outcome that can be recorded or compared.</summary>
internal sealed record ImagesJob(OwnerKey Key, string Marking, string Images, string? Originals, string? Reference, string? Label)
{
    public const string OriginalImages = "originals";
    public const string ReferenceImages = "reference-images";
    public const string LabelOption = "label";

    /// <exception cref="IsotopeException">An input can't be used, or they do not fit together.</exception>
    public (ImageTestResult Result, TestOutcome Outcome) Run(
        Device device,
        IProgress<StageProgress>? progress,
        CancellationToken cancellation
    )
    {
        if (Originals is null == Reference is null)
            throw new IsotopeException("--originals, --reference-images: expected one of them, found both or none");
        var key = Key.LoadForTest();
        var vanilla = OpenVanilla(key);
        var suspects = SuspectImages.Open(Images, vanilla.ClassNames, Label);
        using var marking = Network.Load(Marking, device);
        var result = Originals is null
            ? ImageTest.WithReference(key, marking, suspects, vanilla, progress, cancellation)
            : TestPairs(key, marking, SuspectImages.Pair(suspects, vanilla), progress, cancellation);
        List<TestInput> inputs =
        [
            TestInput.Of(TestInput.MarkingNetwork, Marking, marking),
            TestInput.Of(TestInput.TestImages, suspects, cancellation),
            TestInput.Of(Originals is null ? ReferenceImages : OriginalImages, vanilla, cancellation),
        ];
        return (result, OutcomeOf(key, result, inputs));
    }

    private static ImageTestResult TestPairs(
        CarrierKey key,
        Network marking,
        (Dataset Suspects, Dataset Originals) pairs,
        IProgress<StageProgress>? progress,
        CancellationToken cancellation
    ) => ImageTest.WithOriginals(key, marking, pairs.Suspects, pairs.Originals, progress, cancellation);

    /// <summary>Class folders; originals may be one file or a folder of files, whose classes are then the key's, by number.</summary>
    private Dataset OpenVanilla(CarrierKey key)
    {
        var vanilla = Dataset.OpenAny((Originals ?? Reference)!);
        if (Originals is not null && vanilla.ClassNames.Count == 0)
            return vanilla with { ClassNames = [.. Enumerable.Range(0, key.Classes).Select(label => $"{label}")] };
        vanilla.RequireClasses(key.Classes);
        return vanilla;
    }

    private TestOutcome OutcomeOf(CarrierKey key, ImageTestResult result, IReadOnlyList<TestInput> inputs) =>
        new(
            TestKinds.Images,
            key,
            TestInput.TestImages,
            result.Statistic,
            result.Combination,
            result.PValue,
            new JsonObject { ["statistic"] = result.Statistic, [LabelOption] = Label },
            inputs,
            new CosineDetails(
                key.Dimension,
                result.Classes,
                result.Others,
                result.RankCheck,
                Alignment: null,
                result.MeanDisplacement
            ).ToJson()
        );
}
