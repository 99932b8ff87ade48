using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Training;

/// <summary>How well a network classifies.</summary>
public static class Evaluation
{
    private const int BatchSize = 256;

    /// <summary>Fraction of the images whose centre view has its highest logit at their label; NaN where there are none.</summary>
    /// <exception cref="IsotopeException">Network and images have other classes.</exception>
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

    /// <summary>The same for the images of each class, in the order of labels; NaN where a class has none.</summary>
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
        var (counts, seen) = (new (long Correct, long Seen)[dataset.ClassNames.Count], 0L);
        foreach (var batch in ImageLoader.Batches(dataset.Images, BatchSize, cancellation))
        {
            using var scope = NewDisposeScope();
            var views = network.CentreViews([.. batch.Pixels.Select(Views.ToTensor)]);
            var best = network.Logits(views.to(network.Device)).argmax(1).cpu().data<long>().ToArray();
            foreach (var (image, found) in batch.Images.Zip(best))
                counts[image.Label] = (counts[image.Label].Correct + (found == image.Label ? 1 : 0), counts[image.Label].Seen + 1);
            seen += batch.Images.Count;
            progress?.Report(new StageProgress("evaluating", seen, dataset.Images.Count));
        }

        return counts;
    }
}
