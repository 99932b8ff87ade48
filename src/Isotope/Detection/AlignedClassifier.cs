using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Detection;

/// <summary>
/// The suspect's classifier expressed in the marking network's feature space: W·M (paper §3.4). It depends on the two networks and on
/// vanilla images, never on carriers, so any number of keys can be tested against it.
/// </summary>
/// <param name="Rows">Rows of W·M: C vectors of dimension d.</param>
/// <param name="Labels">Class names; numbers if the images do not have as many classes as the classifier.</param>
/// <param name="Images">Vanilla images of the fit.</param>
/// <param name="Ridge">Ridge of the fit, over the mean square of a feature; see <see cref="LeastSquaresAlignment.Solve"/>.</param>
/// <param name="RSquared">Share of the tested features' variance that M explains on held-out images.</param>
internal sealed record AlignedClassifier(
    IReadOnlyList<double[]> Rows,
    IReadOnlyList<string> Labels,
    int Images,
    double Ridge,
    double RSquared
)
{
    private const int BatchSize = 128;

    /// <summary>The carrier of each row; null if row i is of carrier i.</summary>
    public IReadOnlyList<int>? Carriers { get; init; }

    /// <summary>Fits M on vanilla images and applies it.</summary>
    /// <exception cref="IsotopeException">There are fewer than ten images, an unreadable one, or features that are not finite.</exception>
    public static AlignedClassifier Compute(
        Network marking,
        Network tested,
        Dataset images,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        using var scope = NewDisposeScope();
        using var alignment = new LeastSquaresAlignment(marking.FeatureDimension, tested.FeatureDimension);
        foreach (var batch in ImageLoader.Batches(images.Images, BatchSize, cancellation))
        {
            using var step = NewDisposeScope();
            var pixels = Views.ToTensors(batch.Pixels, marking.Device);
            alignment.Add(marking.CentreFeatures(pixels), tested.CentreFeatures(pixels));
            progress?.Report(new StageProgress("aligning", alignment.Images, images.Images.Count));
        }

        var (map, ridge, rSquared) = alignment.Solve();
        var weight = tested.Weight.detach().cpu().to(float64);
        var rows = RowsOf(weight.matmul(map));
        return new AlignedClassifier(rows, LabelsOf(images, tested.Classes), alignment.Images, ridge, rSquared);
    }

    /// <summary>The rows of a matrix in double on the CPU.</summary>
    internal static double[][] RowsOf(Tensor matrix) => [.. matrix.unbind().Select(row => row.data<double>().ToArray())];

    private static IReadOnlyList<string> LabelsOf(Dataset images, int classes) =>
        images.ClassNames.Count == classes ? images.ClassNames : [.. Enumerable.Range(0, classes).Select(i => $"{i}")];
}
