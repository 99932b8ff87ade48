using System.Text.Json.Nodes;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Networks;

namespace Isotope.Evidence;

/// <summary>A test of images themselves, with their originals or with other vanilla images.</summary>
public sealed record ImagesDescription : TestDescription
{
    private const string LabelOption = "label";

    /// <summary>The marking network.</summary>
    public required NetworkFile MarkingNetwork { get; init; }

    /// <summary>Suspect images.</summary>
    public required string Images { get; init; }

    /// <summary>Their originals; null where <see cref="ReferenceImages"/> are given.</summary>
    public string? Originals { get; init; }

    /// <summary>Vanilla images of all classes; null where <see cref="Originals"/> are given.</summary>
    public string? ReferenceImages { get; init; }

    /// <summary>Class of images that lie in no class folders. Default: the original's, or unknown: then each is tried.</summary>
    public string? Label { get; init; }

    /// <inheritdoc/>
    public override string Kind => TestKinds.Images;

    /// <inheritdoc/>
    public override string SuspectName => TestInput.TestImages;

    /// <inheritdoc/>
    public override IEnumerable<InputPath> Inputs =>
        [InputPath.Of(TestInput.MarkingNetwork, MarkingNetwork), new(TestInput.TestImages, Images), new(VanillaName, Vanilla)];

    private string VanillaName => Originals is null ? TestInput.ReferenceImages : TestInput.OriginalImages;

    private string Vanilla => (Originals ?? ReferenceImages)!;

    internal override JsonObject StatedOptions =>
        new() { ["statistic"] = Originals is null ? ImageTest.Deviation : ImageTest.Displacement, [LabelOption] = Label };

    /// <inheritdoc/>
    public override void Validate()
    {
        MarkingNetwork.Takes?.Validate();
        if (Originals is null == ReferenceImages is null)
            throw new IsotopeException("--originals, --reference-images: expected one of them, found both or none");
        if (Label is not null && Dataset.OpenAny(Images).ClassNames.Count > 0)
            throw new IsotopeException($"--label: expected none, since {Images} has classes, found '{Label}'");
    }

    internal override TestOutcome Run(TestEnvironment environment)
    {
        var key = Key.LoadForTest();
        var vanilla = OpenVanilla(key);
        var suspects = SuspectImages.Open(Images, vanilla.ClassNames, Label);
        using var marking = environment.Load(InputPath.Of(TestInput.MarkingNetwork, MarkingNetwork));

        var result = Test(key, marking, suspects, vanilla, environment);
        TestInput[] inputs =
        [
            TestInput.OfNetwork(TestInput.MarkingNetwork, MarkingNetwork.Reference, marking),
            TestInput.OfImages(TestInput.TestImages, suspects, environment.Cancellation),
            TestInput.OfImages(VanillaName, vanilla, environment.Cancellation),
        ];
        return OutcomeOf(key, result, inputs);
    }

    internal static ImagesDescription Of(TestResult result, OwnerKey key, GivenPaths given) =>
        new()
        {
            Key = key,
            MarkingNetwork = given.Required(TestInput.MarkingNetwork).File,
            Images = given.Required(TestInput.TestImages).Path,
            Originals = given.At(TestInput.OriginalImages),
            ReferenceImages = given.At(TestInput.ReferenceImages),
            Label = result.Options[LabelOption]?.ToString(),
        };

    private ImageTestResult Test(CarrierKey key, Network marking, Dataset suspects, Dataset vanilla, TestEnvironment environment)
    {
        if (Originals is null)
            return ImageTest.WithReference(key, marking, suspects, vanilla, environment.Progress, environment.Cancellation);
        var (images, originals) = SuspectImages.Pair(suspects, vanilla);
        return ImageTest.WithOriginals(key, marking, images, originals, environment.Progress, environment.Cancellation);
    }

    /// <summary>Class folders; originals may be one file or a folder of files, whose classes are then the key's, by number.</summary>
    private Dataset OpenVanilla(CarrierKey key)
    {
        var vanilla = Dataset.OpenAny(Vanilla);
        if (Originals is not null && vanilla.ClassNames.Count == 0)
            return vanilla with { ClassNames = [.. Enumerable.Range(0, key.Classes).Select(label => $"{label}")] };
        vanilla.RequireClasses(key.Classes);
        return vanilla;
    }

    private TestOutcome OutcomeOf(CarrierKey key, ImageTestResult result, IReadOnlyList<TestInput> inputs)
    {
        var details = new CosineDetails(
            key.Dimension,
            result.Classes,
            result.Others,
            result.RankCheck,
            Alignment: null,
            result.MeanDisplacement
        );
        return new TestOutcome(
            Kind,
            key,
            SuspectName,
            result.Statistic,
            result.Combination,
            result.PValue,
            StatedOptions,
            inputs,
            details.ToJson()
        );
    }
}
