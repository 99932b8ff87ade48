using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Numerics;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Training;

/// <summary>
/// Retrains only the final linear layer, on fixed features: logistic regression by SGD from zero (paper §4.2). Features are computed once,
/// for one view per image.
/// </summary>
public sealed class ClassifierTrainer
{
    private readonly Dataset dataset;
    private readonly TorchNetwork network;
    private readonly TrainingOptions options;
    private readonly Targets targets;

    /// <summary>A trainer that replaces the weights of the network's final layer.</summary>
    /// <param name="dataset">The images to train on.</param>
    /// <param name="network">The network to train.</param>
    /// <param name="options">How to train.</param>
    /// <param name="targets">What it learns to predict. Default: the classes of the images' folders.</param>
    /// <exception cref="IsotopeException">An option is out of range, or dataset and network have different classes.</exception>
    public ClassifierTrainer(Dataset dataset, TorchNetwork network, TrainingOptions options, Targets? targets = null)
    {
        options.Validate();
        if (options.Mixup)
            throw new IsotopeException(
                "--mixup: expected training from scratch, found fixed features, of which mixtures of images are no mixtures"
            );
        dataset.RequireClasses(network.Classes);
        this.dataset = dataset;
        this.network = network;
        this.options = options;
        this.targets = targets ?? Targets.Folders;
    }

    /// <summary>Extracts features and fits the layer.</summary>
    /// <returns>The mean loss of each epoch.</returns>
    /// <exception cref="IsotopeException">Training diverges, or an image can't be read.</exception>
    public IReadOnlyList<double> Run(IProgress<StageProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        var features = ExtractFeatures(progress, cancellation);
        var wanted = targets.Find(dataset.Images, network.Device);
        using (no_grad())
        {
            network.Weight.zero_();
            network.Module.Head.bias!.zero_();
        }

        var losses = Fit(features, wanted, progress, cancellation);
        network.Freeze();
        return losses;
    }

    private Tensor ExtractFeatures(IProgress<StageProgress>? progress, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var features = new List<Tensor>();
        var seen = 0L;
        foreach (var batch in ImageLoader.Batches(dataset.Images, options.BatchSize, cancellation))
        {
            using var step = NewDisposeScope();
            var views = TrainingViews.Draw(batch, options, epoch: 0, network);
            features.Add(network.Features(views).MoveToOuterDisposeScope());
            seen += batch.Images.Count;
            progress?.Report(new StageProgress("features", seen, dataset.Images.Count));
        }

        return cat(features).MoveToOuterDisposeScope();
    }

    private double[] Fit(Tensor features, Tensor wanted, IProgress<StageProgress>? progress, CancellationToken cancellation)
    {
        var head = network.Module.Head;
        foreach (var parameter in head.parameters())
            parameter.requires_grad_(true);
        using var optimizer = new Sgd(head.parameters(), options);
        var losses = new double[options.Epochs];
        var order = Enumerable.Range(0, dataset.Images.Count).Select(i => (long)i).ToArray();
        for (var epoch = 0; epoch < options.Epochs; epoch++)
        {
            new RandomStream(options.Seed, $"order {epoch}").Shuffle<long>(order);
            for (var start = 0; start < order.Length; start += options.BatchSize)
            {
                cancellation.ThrowIfCancellationRequested();
                optimizer.SetLearningRate(options.LearningRateAt((epoch + (double)start / order.Length) / options.Epochs));
                var chosen = order.AsSpan(start, Math.Min(options.BatchSize, order.Length - start)).ToArray();
                losses[epoch] += Step(features, wanted, chosen, optimizer) * chosen.Length / order.Length;
            }

            options.RequireFinite(losses[epoch], epoch);
            progress?.Report(new StageProgress("fitting", epoch + 1, options.Epochs));
        }

        return losses;
    }

    private float Step(Tensor features, Tensor wanted, long[] indices, Sgd optimizer)
    {
        using var scope = NewDisposeScope();
        var chosen = tensor(indices, device: network.Device);
        optimizer.ZeroGrad();
        var loss = targets.Loss(network.Module.Head.call(features[chosen]), wanted[chosen], options.LabelSmoothing);
        loss.backward();
        optimizer.Step();
        return loss.item<float>();
    }
}
