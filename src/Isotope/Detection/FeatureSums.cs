using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Numerics;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Detection;

/// <summary>Sums of φ₀'s features over images, by label; images without a label have a sum of their own.</summary>
/// <param name="Sums">(C + 1) × d, double on the CPU; the last row is that of images without a label.</param>
/// <param name="Counts">C + 1.</param>
/// <param name="Gram">Σφφᵀ over all images, d × d.</param>
internal sealed record FeatureSums(Tensor Sums, Tensor Counts, Tensor Gram)
{
    private const int BatchSize = 128;

    /// <summary>Adds up a dataset's features; the tensors are the caller's scope's.</summary>
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
            var labels = tensor(batch.Images.Select(image => image.Label == Dataset.Unlabelled ? classes : (long)image.Label).ToArray());
            sums.index_add_(0, labels, features, alpha: TensorArithmetic.One);
            counts.index_add_(0, labels, ones([labels.shape[0]], float64), alpha: TensorArithmetic.One);
            gram.AddInPlace(features.t().matmul(features));
            progress?.Report(new StageProgress(stage, done += batch.Images.Count, images.Images.Count));
        }

        return new FeatureSums(sums, counts, gram);
    }

    /// <summary>Mean features by label, (C + 1) × d; zero where there are no images.</summary>
    public Tensor Means() => Sums / Counts.AtLeast(1).unsqueeze(1);

    /// <summary>
    /// Inverse of the features' covariance within classes, shrunk towards a multiple of the identity: by the share of dimensions in
    /// images, and at least 1 %.
    /// </summary>
    public Tensor Precision()
    {
        using var scope = NewDisposeScope();
        var (images, dimension) = (Counts.sum().item<double>(), Gram.shape[0]);
        var means = Means();
        var covariance = (Gram - (means * Counts.unsqueeze(1)).t().matmul(means)).Over(images);
        var scale = covariance.trace().item<double>() / dimension;
        return linalg
            .inv(covariance.Plus(eye(dimension, dtype: float64).Times(Math.Max(0.01, dimension / images) * scale)))
            .MoveToOuterDisposeScope();
    }
}
