using Isotope.Datasets;
using Isotope.Networks;
using static TorchSharp.torch;

namespace Isotope.Training;

/// <summary>How well a network classifies.</summary>
public static class Evaluation
{
    private const int BatchSize = 256;

    /// <summary>Fraction of the images whose centre view has its highest logit at their label.</summary>
    public static double Accuracy(Network network, Dataset dataset, IProgress<StageProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var noGradient = no_grad();
        var (correct, seen) = (0L, 0L);
        foreach (var batch in ImageLoader.Batches(dataset.Images, BatchSize, cancellation))
        {
            using var scope = NewDisposeScope();
            var views = network.CentreViews([.. batch.Pixels.Select(Views.ToTensor)]);
            var labels = tensor(batch.Images.Select(image => (long)image.Label).ToArray(), device: network.Device);
            correct += network.Logits(views.to(network.Device)).argmax(1).eq(labels).sum().item<long>();
            seen += batch.Images.Count;
            progress?.Report(new StageProgress("evaluating", seen, dataset.Images.Count));
        }

        return (double)correct / dataset.Images.Count;
    }
}
