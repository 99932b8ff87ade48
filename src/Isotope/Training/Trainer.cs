using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Numerics;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Training;

/// <summary>
/// Trains a whole network from scratch: what a data thief would do, or its owner to distil a black box. SGD on cross-entropy over augmented
/// views.
/// </summary>
public sealed class Trainer
{
    private readonly Dataset dataset;
    private readonly TorchNetwork network;
    private readonly TrainingOptions options;
    private readonly Targets targets;
    private readonly int stepsPerEpoch;

    /// <summary>A trainer that changes the network's weights in place.</summary>
    /// <param name="dataset">What to train on.</param>
    /// <param name="network">What is trained.</param>
    /// <param name="options">How.</param>
    /// <param name="targets">What it learns of each image. Default: the class of its folder.</param>
    /// <exception cref="IsotopeException">An option is out of range, or the classes do not fit.</exception>
    public Trainer(Dataset dataset, TorchNetwork network, TrainingOptions options, Targets? targets = null)
    {
        options.Validate();
        dataset.RequireClasses(network.Classes);
        (this.dataset, this.network, this.options, this.targets) = (dataset, network, options, targets ?? Targets.Folders);
        stepsPerEpoch = (dataset.Images.Count + options.BatchSize - 1) / options.BatchSize;
    }

    /// <summary>Trains, and leaves the network frozen.</summary>
    /// <param name="state">Saved after every epoch, and the start where an earlier run left one; null for neither.</param>
    /// <param name="progress">Images seen, with the epoch's loss so far.</param>
    /// <param name="cancellation">Checked at every batch; the state of the last whole epoch stays.</param>
    /// <returns>The mean loss of each epoch.</returns>
    /// <exception cref="IsotopeException">The training diverges, or an image can't be read.</exception>
    public IReadOnlyList<double> Run(
        TrainingState? state = null,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        using var optimizer = new Sgd(network.Module.parameters(), options);
        network.Module.train();
        foreach (var parameter in network.Module.parameters())
            parameter.requires_grad_(true);
        var losses = state?.Restore(network, optimizer) ?? [];
        while (losses.Count < options.Epochs)
        {
            losses.Add(RunEpoch(losses.Count, optimizer, progress, cancellation));
            state?.Save(network, optimizer, losses);
        }

        network.Freeze();
        return losses;
    }

    private double RunEpoch(int epoch, Sgd optimizer, IProgress<StageProgress>? progress, CancellationToken cancellation)
    {
        LabelledImage[] order = [.. dataset.Images];
        new RandomStream(options.Seed, $"order {epoch}").Shuffle<LabelledImage>(order);
        manual_seed((long)(new RandomStream(options.Seed, $"dropout {epoch}").NextUInt64() >> 1)); // of the architectures that have it
        var (seen, losses, step) = (0L, 0.0, epoch * stepsPerEpoch);
        foreach (var batch in ImageLoader.Batches(order, options.BatchSize, mostPixels: long.MaxValue, cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
            optimizer.SetLearningRate(options.LearningRateAt((double)step / (stepsPerEpoch * options.Epochs)));
            losses += Step(batch, epoch, step, optimizer) * batch.Images.Count;
            options.RequireFinite(losses, epoch);
            (seen, step) = (seen + batch.Images.Count, step + 1);
            var total = (long)options.Epochs * dataset.Images.Count;
            var detail = FormattableString.Invariant($"epoch {epoch + 1}/{options.Epochs}, loss {losses / seen:F3}");
            progress?.Report(new StageProgress("training", (long)epoch * dataset.Images.Count + seen, total, detail));
        }

        return losses / seen;
    }

    private float Step(ImageBatch batch, int epoch, int step, Sgd optimizer)
    {
        using var scope = NewDisposeScope();
        optimizer.ZeroGrad();
        var (views, wanted) = (TrainingViews.Draw(batch, options, epoch, network), targets.Find(batch.Images, network.Device));
        var loss = options.Mixup
            ? LossOfMixtures(views, wanted, new RandomStream(options.Seed, $"mixup {step}").NextDouble())
            : Loss(views, wanted);
        loss.backward();
        optimizer.Step();
        return loss.item<float>();
    }

    private Tensor Loss(Tensor views, Tensor wanted) => targets.Loss(network.Logits(views), wanted, options.LabelSmoothing);

    /// <summary>Each view with the next in the batch, whose order is random.</summary>
    private Tensor LossOfMixtures(Tensor views, Tensor wanted, double share)
    {
        var logits = network.Logits(Mixed(views, views.roll(1, 0)));
        return Mixed(targets.Loss(logits, wanted, options.LabelSmoothing), targets.Loss(logits, wanted.roll(1, 0), options.LabelSmoothing));

        Tensor Mixed(Tensor one, Tensor other) => one.Times(share).Plus(other.Times(1 - share));
    }
}
