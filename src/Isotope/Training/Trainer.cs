using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Numerics;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Training;

/// <summary>
/// Trains a whole network from scratch, as someone who trains on the images would, or their owner to distil a black box. SGD on
/// cross-entropy over augmented views.
/// </summary>
public sealed class Trainer
{
    private readonly Dataset dataset;
    private readonly TorchNetwork network;
    private readonly TrainingOptions options;
    private readonly Targets targets;
    private readonly int stepsPerEpoch;

    /// <summary>A trainer that changes the network's weights in place.</summary>
    /// <param name="dataset">The images to train on.</param>
    /// <param name="network">The network to train.</param>
    /// <param name="options">How to train.</param>
    /// <param name="targets">What it learns to predict. Default: the classes of the images' folders.</param>
    /// <exception cref="IsotopeException">An option is out of range, or dataset and network have different classes.</exception>
    public Trainer(Dataset dataset, TorchNetwork network, TrainingOptions options, Targets? targets = null)
    {
        options.Validate();
        dataset.RequireClasses(network.Classes);
        this.dataset = dataset;
        this.network = network;
        this.options = options;
        this.targets = targets ?? Targets.Folders;
        stepsPerEpoch = (dataset.Images.Count + options.BatchSize - 1) / options.BatchSize;
    }

    /// <summary>Trains the network, and leaves it frozen.</summary>
    /// <param name="state">Saved after every epoch; if an earlier run left one, training continues from it. Null for neither.</param>
    /// <param name="progress">Number of images seen, with the epoch's loss so far.</param>
    /// <param name="cancellation">Checked at every batch; the state of the last whole epoch remains.</param>
    /// <returns>The mean loss of each epoch.</returns>
    /// <exception cref="IsotopeException">Training diverges, or an image can't be read.</exception>
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
        manual_seed((long)(new RandomStream(options.Seed, $"dropout {epoch}").NextUInt64() >> 1)); // torch draws the dropout
        var seen = 0L;
        var losses = 0.0;
        var step = epoch * stepsPerEpoch;
        var total = (long)options.Epochs * dataset.Images.Count;
        foreach (var batch in ImageLoader.Batches(order, options.BatchSize, mostPixels: long.MaxValue, cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
            optimizer.SetLearningRate(options.LearningRateAt((double)step / (stepsPerEpoch * options.Epochs)));
            losses += Step(batch, epoch, step, optimizer) * batch.Images.Count;
            options.RequireFinite(losses, epoch);
            seen += batch.Images.Count;
            step++;
            var detail = FormattableString.Invariant($"epoch {epoch + 1}/{options.Epochs}, loss {losses / seen:F3}");
            progress?.Report(new StageProgress("training", (long)epoch * dataset.Images.Count + seen, total, detail));
        }

        return losses / seen;
    }

    private float Step(ImageBatch batch, int epoch, int step, Sgd optimizer)
    {
        using var scope = NewDisposeScope();
        optimizer.ZeroGrad();
        var views = TrainingViews.Draw(batch, options, epoch, network);
        var wanted = targets.Find(batch.Images, network.Device);
        var loss = options.Mixup
            ? LossOfMixtures(views, wanted, new RandomStream(options.Seed, $"mixup {step}").NextDouble())
            : Loss(views, wanted);
        loss.backward();
        optimizer.Step();
        return loss.item<float>();
    }

    private Tensor Loss(Tensor views, Tensor wanted) => targets.Loss(network.Logits(views), wanted, options.LabelSmoothing);

    /// <summary>The loss of each view mixed with the next one in the batch, whose order is random.</summary>
    private Tensor LossOfMixtures(Tensor views, Tensor wanted, double share)
    {
        var logits = network.Logits(Mixed(views, views.roll(1, 0)));
        var own = targets.Loss(logits, wanted, options.LabelSmoothing);
        var others = targets.Loss(logits, wanted.roll(1, 0), options.LabelSmoothing);
        return Mixed(own, others);

        Tensor Mixed(Tensor one, Tensor other) => one.Times(share).Plus(other.Times(1 - share));
    }
}
