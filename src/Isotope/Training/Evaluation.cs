using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Training;

/// <summary>Measures how well a network classifies.</summary>
public static class Evaluation
{
    private const int BatchSize = 256;

    /// <summary>Share of the images whose centre view is classified correctly; NaN if there are no images.</summary>
    /// <exception cref="IsotopeException">Network and dataset have different classes.</exception>
    public static double Accuracy(
        Network network,
        Dataset dataset,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        var classes = CountByClass(network, dataset, progress, cancellation);
        return (double)classes.Sum(c => c.Correct) / classes.Sum(c => c.Seen);
    }

    /// <summary>The accuracy on the images of each class, in the order of labels; NaN if a class has no images.</summary>
    /// <exception cref="IsotopeException">Network and dataset have different classes.</exception>
    public static IReadOnlyList<double> ClassAccuracies(
        Network network,
        Dataset dataset,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    ) => [.. CountByClass(network, dataset, progress, cancellation).Select(c => (double)c.Correct / c.Seen)];

    private static (long Correct, long Seen)[] CountByClass(
        Network network,
        Dataset dataset,
        IProgress<StageProgress>? progress,
        CancellationToken cancellation
    )
    {
        dataset.RequireClasses(network.Classes);
        using var noGradient = no_grad();
        var counts = new (long Correct, long Seen)[dataset.ClassNames.Count];
        var seen = 0L;
        foreach (var batch in ImageLoader.Batches(dataset.Images, BatchSize, cancellation))
        {
            using var scope = NewDisposeScope();
            var views = network.CentreViews([.. batch.Pixels.Select(Views.ToTensor)]);
            var best = network.Logits(views.to(network.Device)).argmax(1).cpu().data<long>().ToArray();
            foreach (var (image, found) in batch.Images.Zip(best))
            {
                ref var count = ref counts[image.Label];
                count.Seen++;
                if (found == image.Label)
                    count.Correct++;
            }

            seen += batch.Images.Count;
            progress?.Report(new StageProgress("evaluating", seen, dataset.Images.Count));
        }

        return counts;
    }
}
