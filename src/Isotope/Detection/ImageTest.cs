using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Runs;
using Isotope.Statistics;
using static TorchSharp.torch;

namespace Isotope.Detection;

/// <summary>
/// Are images marked? Compares one direction per class in φ₀'s space, computed from the images and vanilla ones, with the carrier. For
/// images that were never marked with the key, the direction does not depend on the carriers, so the null distribution of the cosine, over
/// the draw of the key, is exact.
/// </summary>
/// <remarks>
/// Classes are combined by Stouffer's method: marking moves the images of every class alike, so all classes carry about as much of the
/// mark, where a sum of z-scores is most powerful. Fisher's is given for information. If the class is not known, each is tried, and the
/// smallest p-value is corrected for their number by Šidák's method, which is exact since carriers are independent.
/// </remarks>
public static class ImageTest
{
    /// <summary>The statistic with originals.</summary>
    internal const string Displacement = "displacement";

    /// <summary>The statistic with reference images.</summary>
    internal const string Deviation = "deviation";

    /// <summary>With the originals: vᵢ = Σ φ₀(x̃) − φ₀(x) over the images of class i.</summary>
    /// <param name="key">The carriers.</param>
    /// <param name="marking">Marking network φ₀.</param>
    /// <param name="suspects">Images x̃; all labelled, or none.</param>
    /// <param name="originals">Their vanilla versions x, one each.</param>
    /// <param name="progress">Images done.</param>
    /// <param name="cancellation">Checked at every image.</param>
    /// <exception cref="IsotopeException">Key and network do not fit, there is not one original for each image, or no image differs from
    /// its original.</exception>
    public static ImageTestResult WithOriginals(
        CarrierKey key,
        Network marking,
        Dataset suspects,
        Dataset originals,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        key.RequireDimension(marking.FeatureDimension);
        RequireImages(suspects);
        if (originals.Images.Count != suspects.Images.Count)
            throw new IsotopeException(
                $"{originals.Root}: expected {suspects.Images.Count} originals, one of each suspected image, found {originals.Images.Count}"
            );
        var directions = Displacements(key.Classes, marking, suspects, originals, progress, cancellation);
        var result = Test(key, Displacement, directions, suspects, RankCheck.DefaultSets, cancellation);
        if (IsUnlabelled(suspects))
            return result;
        return result with { MeanDisplacement = SumAlongCarriers(directions, key) / suspects.Images.Count };
    }

    /// <summary>
    /// Without originals: vᵢ = Σ⁻¹(m − μᵢ), where m is the mean feature of the suspects of class i, μᵢ that of vanilla images, and Σ the
    /// vanilla covariance within classes. Of all linear maps, Σ⁻¹ makes the mark stand out most from natural variation.
    /// </summary>
    /// <param name="key">The carriers.</param>
    /// <param name="marking">Marking network φ₀.</param>
    /// <param name="suspects">Images; all labelled, or none.</param>
    /// <param name="reference">Vanilla images of every class of the key, if possible none of them among the suspects.</param>
    /// <param name="progress">Images done.</param>
    /// <param name="cancellation">Checked at every image.</param>
    /// <exception cref="IsotopeException">Key, network and reference images do not fit.</exception>
    public static ImageTestResult WithReference(
        CarrierKey key,
        Network marking,
        Dataset suspects,
        Dataset reference,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        key.RequireDimension(marking.FeatureDimension);
        RequireImages(suspects);
        reference.RequireClasses(key.Classes);
        var directions = Deviations(key.Classes, marking, suspects, reference, progress, cancellation);
        return Test(key, Deviation, directions, suspects, RankCheck.DefaultSets, cancellation);
    }

    /// <summary>vᵢ with the originals, C vectors of dimension d.</summary>
    internal static double[][] Displacements(
        int classes,
        Network marking,
        Dataset suspects,
        Dataset originals,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        using var scope = NewDisposeScope();
        var labelled = originals with { Images = WithLabelsOf(suspects, originals) };
        var after = FeatureSums.Of(marking, suspects, classes, "suspect images", progress, cancellation).Sums;
        var before = FeatureSums.Of(marking, labelled, classes, "originals", progress, cancellation).Sums;
        return AlignedClassifier.RowsOf(ByClass(after - before, classes, suspects));
    }

    /// <summary>vᵢ without originals, C vectors of dimension d.</summary>
    internal static double[][] Deviations(
        int classes,
        Network marking,
        Dataset suspects,
        Dataset reference,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        using var scope = NewDisposeScope();
        var vanilla = FeatureSums.Of(marking, reference, classes, "reference images", progress, cancellation);
        var suspect = FeatureSums.Of(marking, suspects, classes, "suspect images", progress, cancellation);
        var vanillaMeans = vanilla.Means().narrow(0, 0, classes);
        var suspectMeans = ByClass(suspect.Means(), classes, suspects);
        return AlignedClassifier.RowsOf((suspectMeans - vanillaMeans).matmul(vanilla.Precision()));
    }

    /// <summary>Tests directions that were computed without the key.</summary>
    internal static ImageTestResult Test(
        CarrierKey key,
        string statistic,
        double[][] directions,
        Dataset suspects,
        int rankSets,
        CancellationToken cancellation = default
    )
    {
        var isUnlabelled = IsUnlabelled(suspects);
        var combination = isUnlabelled ? Combination.Sidak : Combination.Stouffer;
        var test = new DirectionTest(combination, TestedClasses(key, directions, suspects));
        var classes = test.ByClass(key);
        var pValue = DirectionTest.Combine(combination, classes);
        var fisher = new SideResult(statistic, Combination.Fisher, DirectionTest.Combine(Combination.Fisher, classes));
        SideResult[] others = isUnlabelled ? [] : [fisher];
        var rank = test.Rank(key, pValue, rankSets, cancellation);
        return new ImageTestResult(statistic, pValue, combination, classes, others, suspects.Images.Count, rank);
    }

    /// <summary>The classes of the suspects, or all if they have no labels; those whose direction is exactly 0 are left out.</summary>
    private static (string Name, int Label, double[] Direction)[] TestedClasses(CarrierKey key, double[][] directions, Dataset suspects)
    {
        var labels = IsUnlabelled(suspects)
            ? Enumerable.Range(0, key.Classes)
            : suspects.Images.Select(image => image.Label).Distinct().Order();
        int[] tested = [.. labels.Where(label => directions[label].Any(value => value != 0))];
        if (tested.Length == 0)
            throw new IsotopeException($"{suspects.Root}: expected images that differ from vanilla ones, found none that does");
        foreach (var label in tested)
            if (!DirectionTest.IsDirection(directions[label]))
                throw new IsotopeException(
                    $"marking network: expected finite features of class {suspects.ClassNames[label]}, found others"
                );
        return [.. tested.Select(label => (suspects.ClassNames[label], label, directions[label]))];
    }

    private static void RequireImages(Dataset suspects)
    {
        if (suspects.Images.Count == 0)
            throw new IsotopeException($"{suspects.Root}: expected images, found none");
    }

    /// <summary>Of rows by label, those of the classes; if no image has a label, the row of unlabelled images for every class.</summary>
    private static Tensor ByClass(Tensor byLabel, int classes, Dataset suspects) =>
        IsUnlabelled(suspects) ? byLabel[classes].expand(classes, -1) : byLabel.narrow(0, 0, classes);

    private static double SumAlongCarriers(double[][] directions, CarrierKey key) =>
        directions.Index().Sum(row => row.Item.Zip(key.Carrier(row.Index).ToArray(), (moved, carrier) => moved * carrier).Sum());

    private static LabelledImage[] WithLabelsOf(Dataset suspects, Dataset originals) =>
        [.. originals.Images.Zip(suspects.Images, (original, suspect) => original with { Label = suspect.Label })];

    private static bool IsUnlabelled(Dataset suspects) => suspects.Images[0].Label == Dataset.Unlabelled;
}
