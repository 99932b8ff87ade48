using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Runs;
using Isotope.Statistics;
using static TorchSharp.torch;

namespace Isotope.Detection;

/// <summary>
/// Are images marked? One direction per class in φ₀'s space, made of the images and of vanilla ones, against the carrier. For images that
/// were never marked with the key it does not depend on the carriers, so the cosine's null is exact.
/// </summary>
/// <remarks>
/// Classes are combined by Stouffer's method: marking moves the images of every class alike, so all classes carry about as much, which is
/// where a sum of z-scores is strongest; Fisher's is given for information. Where the class is not known each is tried, and the smallest
/// p-value corrected for their number by Šidák's, which is exact since carriers are independent.
/// </remarks>
public static class ImageTest
{
    private const string Displacement = "displacement";
    private const string Deviation = "deviation";

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
        var rows = Displacements(key.Classes, marking, suspects, originals, progress, cancellation);
        var result = Test(key, Displacement, rows, suspects, RankCheck.DefaultSets, cancellation);
        return IsUnlabelled(suspects) ? result : result with { MeanDisplacement = MeanDisplacement(rows, key) / suspects.Images.Count };
    }

    /// <summary>
    /// Without originals: vᵢ = Σ⁻¹(m − μᵢ), where m is the mean feature of the suspects of class i, μᵢ that of vanilla images and Σ the
    /// vanilla covariance within classes. Of all linear maps Σ⁻¹ makes the mark stand out most from natural variation.
    /// </summary>
    /// <param name="key">The carriers.</param>
    /// <param name="marking">Marking network φ₀.</param>
    /// <param name="suspects">Images; all labelled, or none.</param>
    /// <param name="reference">Vanilla images of every class of the key, none of them among the suspects if possible.</param>
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
        return Test(
            key,
            Deviation,
            Deviations(key.Classes, marking, suspects, reference, progress, cancellation),
            suspects,
            RankCheck.DefaultSets,
            cancellation
        );
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
        var moved =
            FeatureSums.Of(marking, suspects, classes, "suspect images", progress, cancellation).Sums
            - FeatureSums
                .Of(marking, originals with { Images = Labelled(originals, suspects) }, classes, "originals", progress, cancellation)
                .Sums;
        return AlignedClassifier.RowsOf(ByClass(moved, classes, suspects));
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
        var means = ByClass(
            FeatureSums.Of(marking, suspects, classes, "suspect images", progress, cancellation).Means(),
            classes,
            suspects
        );
        return AlignedClassifier.RowsOf((means - vanilla.Means().narrow(0, 0, classes)).matmul(vanilla.Precision()));
    }

    /// <summary>Tests directions, which no key had a part in.</summary>
    internal static ImageTestResult Test(
        CarrierKey key,
        string statistic,
        double[][] rows,
        Dataset suspects,
        int rankSets,
        CancellationToken cancellation = default
    )
    {
        var labels = IsUnlabelled(suspects)
            ? Enumerable.Range(0, key.Classes)
            : suspects.Images.Select(image => image.Label).Distinct().Order();
        int[] tested = [.. labels.Where(label => rows[label].Any(value => value != 0))];
        if (tested.Length == 0)
            throw new IsotopeException($"{suspects.Root}: expected images that differ from vanilla ones, found none that does");
        var test = new DirectionTest(
            IsUnlabelled(suspects) ? Combination.Sidak : Combination.Stouffer,
            [
                .. tested.Select(label =>
                    DirectionTest.IsDirection(rows[label])
                        ? (suspects.ClassNames[label], label, rows[label])
                        : throw new IsotopeException(
                            $"marking network: expected finite features of class {suspects.ClassNames[label]}, found others"
                        )
                ),
            ]
        );
        var classes = test.ByClass(key);
        var pValue = test.Combine(classes);
        var fisher = new SideResult(statistic, Combination.Fisher, Fisher.Combine([.. classes.Select(c => c.PValue)]));
        return new ImageTestResult(
            statistic,
            pValue,
            test.Combination,
            classes,
            IsUnlabelled(suspects) ? [] : [fisher],
            suspects.Images.Count,
            test.Rank(key, pValue, rankSets, cancellation)
        );
    }

    private static void RequireImages(Dataset suspects)
    {
        if (suspects.Images.Count == 0)
            throw new IsotopeException($"{suspects.Root}: expected images, found none");
    }

    /// <summary>The rows of classes among those of labels; where no image has a label, the row of those without for every class.</summary>
    private static Tensor ByClass(Tensor byLabel, int classes, Dataset suspects) =>
        IsUnlabelled(suspects) ? byLabel[classes].expand(classes, -1) : byLabel.narrow(0, 0, classes);

    private static double MeanDisplacement(double[][] sums, CarrierKey key) =>
        sums.Index().Sum(row => row.Item.Zip(key.Carrier(row.Index).ToArray(), (moved, direction) => moved * direction).Sum());

    private static LabelledImage[] Labelled(Dataset originals, Dataset suspects) =>
        [.. originals.Images.Zip(suspects.Images, (original, suspect) => original with { Label = suspect.Label })];

    private static bool IsUnlabelled(Dataset suspects) => suspects.Images[0].Label == Dataset.Unlabelled;
}
