using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Runs;
using Isotope.Statistics;

namespace Isotope.Detection;

/// <summary>
/// The white-box test of paper §3.4: are the rows of the tested classifier, expressed in the marking network's feature
/// space, closer to the carriers than random directions? The p-value is exact if the carriers were drawn independently of
/// the tested model and of the images: radioactive images are therefore refused.
/// </summary>
public static class WhiteBoxTest
{
    private const string PaperStatistic = "paper";
    private const string ResponseStatistic = "response";

    /// <summary>Aligns the feature spaces on vanilla images and tests every class.</summary>
    /// <param name="key">The carriers.</param>
    /// <param name="marking">Marking network φ₀.</param>
    /// <param name="tested">Suspect model φₜ, W.</param>
    /// <param name="images">Vanilla images, none of them used to train the suspect model if possible.</param>
    /// <param name="options">Which statistic counts, and against which references.</param>
    /// <param name="manifest">What was marked; null where it is not at hand.</param>
    /// <param name="progress">Images done.</param>
    /// <param name="cancellation">Checked at every image.</param>
    /// <exception cref="IsotopeException">Key and networks do not fit, an image is marked, or there are too few.</exception>
    public static DetectionResult Run(
        CarrierKey key,
        Network marking,
        Network tested,
        Dataset images,
        WhiteBoxOptions? options = null,
        Manifest? manifest = null,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        options ??= new WhiteBoxOptions();
        options.Validate();
        CheckFit(key, marking, tested);
        if (manifest is not null && !manifest.IsOfKey(key.Commitment))
            throw new IsotopeException("--manifest: expected the manifest of what this key has marked, found another key's");
        if (manifest is { Unit: MarkUnit.Image })
            throw new IsotopeException(
                "--manifest: expected marks of classes, found twins, whose directions are each image's own; detect black-box tests them"
            );
        var given = images.Images.Count;
        if (manifest is not null)
            images = VanillaGuard.Keep(images, manifest, cancellation);
        var references = options.ReferencesFor(marking, tested);
        var response =
            references.Count == 0
                ? null
                : FeatureResponse.Residual(marking, tested, references, images, options.Probes, progress, cancellation);
        var aligned = AlignedClassifier.Compute(marking, tested, images, progress, cancellation);
        var result = Test(key, aligned, manifestChecked: manifest is not null, response);
        return result with
        {
            Alignment = result.Alignment with { LeftOut = given - images.Images.Count },
            RankCheck = (response is null ? PapersTest(aligned) : ResponsesTest(aligned, response)).Rank(
                key,
                result.PValue,
                options.RankSets,
                cancellation
            ),
        };
    }

    /// <summary>Tests a classifier that is in the marking network's space already.</summary>
    /// <param name="key">The carriers.</param>
    /// <param name="aligned">W·M.</param>
    /// <param name="manifestChecked">Recorded in the result.</param>
    /// <param name="response">Residual responses of <see cref="FeatureResponse"/>, which then count; null for the paper's test.</param>
    /// <exception cref="IsotopeException">A row has no direction.</exception>
    public static DetectionResult Test(
        CarrierKey key,
        AlignedClassifier aligned,
        bool manifestChecked,
        IReadOnlyList<double[]>? response = null
    )
    {
        var alignment = new AlignmentResult(aligned.Images, aligned.Ridge, aligned.RSquared, manifestChecked);
        var paper = PapersTest(aligned).ByClass(key);
        var (paperFisher, paperStouffer) = Combined(PaperStatistic, paper);
        if (response is null)
            return new DetectionResult(PaperStatistic, paperFisher.PValue, paperFisher.Combination, paper, [paperStouffer], alignment);
        var classes = ResponsesTest(aligned, response).ByClass(key);
        var (fisher, stouffer) = Combined(ResponseStatistic, classes);
        return new DetectionResult(
            ResponseStatistic,
            stouffer.PValue,
            stouffer.Combination,
            classes,
            [fisher, paperFisher, paperStouffer],
            alignment
        );
    }

    private static DirectionTest PapersTest(AlignedClassifier aligned) => Directions(Combination.Fisher, aligned.Labels, aligned.Rows);

    private static DirectionTest ResponsesTest(AlignedClassifier aligned, IReadOnlyList<double[]> response) =>
        Directions(Combination.Stouffer, aligned.Labels, response);

    private static DirectionTest Directions(string combination, IReadOnlyList<string> labels, IReadOnlyList<double[]> rows) =>
        new(
            combination,
            [
                .. labels.Select(
                    (name, i) =>
                        DirectionTest.IsDirection(rows[i])
                            ? (name, i, rows[i])
                            : throw new IsotopeException(
                                $"tested network: expected a classifier row with a direction for class {name}, found none (zero or not "
                                    + "finite)"
                            )
                ),
            ]
        );

    private static (SideResult Fisher, SideResult Stouffer) Combined(string statistic, ClassResult[] classes)
    {
        PValue[] pValues = [.. classes.Select(c => c.PValue)];
        return (
            new SideResult(statistic, Combination.Fisher, Fisher.Combine(pValues)),
            new SideResult(statistic, Combination.Stouffer, Stouffer.Combine(pValues))
        );
    }

    private static void CheckFit(CarrierKey key, Network marking, Network tested)
    {
        key.RequireDimension(marking.FeatureDimension);
        if (tested.Classes != key.Classes)
            throw new IsotopeException(
                $"--tested-network: expected {key.Classes} classes, as many as the key has carriers, found {tested.Classes}"
            );
    }
}
