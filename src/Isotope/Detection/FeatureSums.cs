using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Numerics;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Detection;

/// <summary>Sums of φ₀'s features over images, by label; images without a label are summed separately.</summary>
/// <param name="Sums">(C + 1) × d, double on the CPU; the last row belongs to images without a label.</param>
/// <param name="Counts">C + 1.</param>
/// <param name="Gram">Σφφᵀ over all images, d × d.</param>
internal sealed record FeatureSums(Tensor Sums, Tensor Counts, Tensor Gram)
{
    private const int BatchSize = 128;
    private const double LeastShrinkage = 0.01;

    /// <summary>Sums a dataset's features. The tensors belong to the caller's scope.</summary>
    public static FeatureSums Of(
        Network marking,
        Dataset images,
        int classes,
        string stage,
        IProgress<StageProgress>? progress,
        CancellationToken cancellation
    )
    {
        var sums = zeros([classes + 1, marking.FeatureDimension], float64);
        var counts = zeros([classes + 1], float64);
        var gram = zeros([marking.FeatureDimension, marking.FeatureDimension], float64);
        var done = 0;
        foreach (var batch in ImageLoader.Batches(images.Images, BatchSize, cancellation))
        {
            using var step = NewDisposeScope();
            var features = marking.CentreFeatures(Views.ToTensors(batch.Pixels, marking.Device)).cpu().to(float64);
            var rows = tensor(batch.Images.Select(image => RowOf(image, classes)).ToArray());
            sums.index_add_(0, rows, features, alpha: TensorArithmetic.One);
            counts.index_add_(0, rows, ones([rows.shape[0]], float64), alpha: TensorArithmetic.One);
            gram.AddInPlace(features.t().matmul(features));
            done += batch.Images.Count;
            progress?.Report(new StageProgress(stage, done, images.Images.Count));
        }

        return new FeatureSums(sums, counts, gram);
    }

    /// <summary>Mean features by label, (C + 1) × d; zero where there are no images.</summary>
    public Tensor Means() => Sums / Counts.AtLeast(1).unsqueeze(1);

    /// <summary>
    /// Inverse of the features' covariance within classes, shrunk towards a multiple of the identity. The shrinkage is the number of
    /// dimensions per image, and at least 1 %.
    /// </summary>
    public Tensor Precision()
    {
        using var scope = NewDisposeScope();
        var images = Counts.sum().item<double>();
        var dimension = Gram.shape[0];
        var means = Means();
        var between = (means * Counts.unsqueeze(1)).t().matmul(means);
        var covariance = (Gram - between).Over(images);
        var meanVariance = covariance.trace().item<double>() / dimension;
        var shrinkage = Math.Max(LeastShrinkage, dimension / images);
        var shrunk = covariance.Plus(eye(dimension, dtype: float64).Times(shrinkage * meanVariance));
        return linalg.inv(shrunk).MoveToOuterDisposeScope();
    }

    private static long RowOf(LabelledImage image, int classes) => image.Label == Dataset.Unlabelled ? classes : image.Label;
}
