using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Detection.Classes;
using Isotope.Detection.Readings;
using Isotope.Networks;
using Isotope.Runs;
using Isotope.Statistics;

namespace Isotope.Detection;

/// <summary>
/// The white-box test of paper §3.4: are the rows of the suspect's classifier, expressed in the marking network's feature space, closer to
/// the carriers than to random directions? The p-value is exact, over the draw of the key, if the carriers were drawn independently of the
/// suspect and of the images. Marked images are therefore refused.
/// </summary>
public static class WhiteBoxTest
{
    private const string PaperStatistic = "paper";
    private const string ResponseStatistic = "response";

    /// <summary>Finds one direction per class from vanilla images, then compares the directions with the carriers.</summary>
    /// <param name="key">The carriers.</param>
    /// <param name="marking">Marking network φ₀.</param>
    /// <param name="tested">Suspect model: features φₜ and classifier W.</param>
    /// <param name="images">Vanilla images, if possible none that the suspect was trained on.</param>
    /// <param name="options">Which statistic counts, and the references it is compared with.</param>
    /// <param name="manifest">What was marked; null if it is not at hand.</param>
    /// <param name="progress">Images done.</param>
    /// <param name="cancellation">Checked at every image.</param>
    /// <exception cref="IsotopeException">Key and networks do not fit, the manifest is another key's, an image is marked, or there are too
    /// few images.</exception>
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
        Require(key, marking, tested, options, manifest);
        var vanilla = manifest is null ? images : VanillaGuard.Keep(images, manifest, cancellation);
        var result = RunOn(vanilla, key, marking, tested, options, manifest, check: null, progress, cancellation);
        return result.LeavingOut(images.Images.Count - vanilla.Images.Count);
    }

    /// <summary>Refuses what does not fit together, before an image is read.</summary>
    /// <exception cref="IsotopeException">As for <see cref="Run"/>.</exception>
    internal static void Require(CarrierKey key, Network marking, Network tested, WhiteBoxOptions options, Manifest? manifest)
    {
        options.Validate();
        key.RequireDimension(marking.FeatureDimension);
        RequireClassMarks(key, manifest);
        if (manifest is not null)
            MarkingNetworkCheck.Require(marking, manifest);
        options.RequireOthers(marking, tested);
    }

    /// <summary>The test on images that are vanilla, of networks that fit.</summary>
    internal static DetectionResult RunOn(
        Dataset vanilla,
        CarrierKey key,
        Network marking,
        Network tested,
        WhiteBoxOptions options,
        Manifest? manifest,
        ReadingCheck? check,
        IProgress<StageProgress>? progress,
        CancellationToken cancellation
    )
    {
        var reader = new ClassReader(vanilla, key.Classes, progress, cancellation);
        var suspect = reader.Read(tested, "tested-network", options.Classes);
        var references = options.ReferencesFor(marking, tested, reader);
        var labels = LabelsToldBy([suspect, .. references]);
        using var mapped = new MappedNetworks([suspect, .. references], labels);
        var aligned = AlignedClassifier.Compute(marking, mapped[0], vanilla, progress, cancellation) with
        {
            Labels = [.. labels.Select(label => reader.Names[label])],
            Carriers = labels,
        };
        check?.Require(aligned.RSquared, aligned.Images);
        var response =
            references.Count > 0
                ? FeatureResponse.Residual(marking, mapped[0], mapped.Others, vanilla, options.Probes, progress, cancellation)
                : null;
        var result = Test(key, aligned, manifestChecked: manifest is not null, response);

        var counted = response is null ? PaperTest(aligned) : ResponseTest(aligned, response);
        return result with
        {
            Readings = [suspect.Reading, .. references.Select(reference => reference.Reading)],
            RankCheck = counted.Rank(key, result.PValue, options.RankSets, cancellation),
        };
    }

    /// <summary>Tests a classifier that is already expressed in the marking network's space.</summary>
    /// <param name="key">The carriers.</param>
    /// <param name="aligned">W·M.</param>
    /// <param name="manifestChecked">Recorded in the result.</param>
    /// <param name="response">Residual responses of <see cref="FeatureResponse"/>, which then count; null for the paper's test.</param>
    /// <exception cref="IsotopeException">A row has no direction.</exception>
    internal static DetectionResult Test(
        CarrierKey key,
        AlignedClassifier aligned,
        bool manifestChecked,
        IReadOnlyList<double[]>? response = null
    )
    {
        var alignment = new AlignmentResult(aligned.Images, aligned.Ridge, aligned.RSquared, manifestChecked);
        var byPaper = PaperTest(aligned).ByClass(key);
        var paperFisher = Combined(PaperStatistic, Combination.Fisher, byPaper);
        var paperStouffer = Combined(PaperStatistic, Combination.Stouffer, byPaper);
        if (response is null)
            return new DetectionResult(PaperStatistic, paperFisher.PValue, Combination.Fisher, byPaper, [paperStouffer], alignment);

        var byResponse = ResponseTest(aligned, response).ByClass(key);
        var stouffer = Combined(ResponseStatistic, Combination.Stouffer, byResponse);
        var fisher = Combined(ResponseStatistic, Combination.Fisher, byResponse);
        SideResult[] others = [fisher, paperFisher, paperStouffer];
        return new DetectionResult(ResponseStatistic, stouffer.PValue, Combination.Stouffer, byResponse, others, alignment);
    }

    private static DirectionTest PaperTest(AlignedClassifier aligned) => TestOf(Combination.Fisher, aligned, aligned.Rows);

    private static DirectionTest ResponseTest(AlignedClassifier aligned, IReadOnlyList<double[]> response) =>
        TestOf(Combination.Stouffer, aligned, response);

    private static DirectionTest TestOf(string combination, AlignedClassifier aligned, IReadOnlyList<double[]> rows)
    {
        foreach (var (row, name) in aligned.Labels.Index())
            if (!DirectionTest.IsDirection(rows[row]))
                throw new IsotopeException(
                    $"tested network: expected a classifier row with a direction for class {name}, found none (zero or not finite)"
                );
        return new DirectionTest(combination, [.. aligned.Labels.Select((name, row) => (name, aligned.Carriers?[row] ?? row, rows[row]))]);
    }

    private static SideResult Combined(string statistic, string combination, ClassResult[] classes) =>
        new(statistic, combination, DirectionTest.Combine(combination, classes));

    /// <summary>The classes that all models tell; the others are not tested.</summary>
    private static int[] LabelsToldBy(ReadNetwork[] models)
    {
        int[] told = [.. Enumerable.Range(0, models[0].Classes.Count).Where(label => models.All(model => !model.Classes[label].IsLeftOut))];
        return told.Length >= 2
            ? told
            : throw new IsotopeException(
                $"--reference-network: expected two classes or more that suspect and references all tell, found {told.Length}"
            );
    }

    private static void RequireClassMarks(CarrierKey key, Manifest? manifest)
    {
        if (manifest is null)
            return;
        if (!manifest.IsOfKey(key.Commitment))
            throw new IsotopeException("--manifest: expected the manifest of what this key has marked, found another key's");
        if (manifest.Unit == MarkUnit.Image)
            throw new IsotopeException(
                "--manifest: expected marks of classes, found twins, whose directions are each image's own; detect black-box tests them"
            );
    }
}
