using Isotope.Datasets;
using Isotope.Runs;

namespace Isotope.Training;

/// <summary>How the learning rate changes during training.</summary>
public enum Schedule
{
    /// <summary>Rises over the first 30 % of the steps, then falls along a cosine.</summary>
    OneCycle,

    /// <summary>Divided by ten after half and again after three quarters of the steps (the paper's "waterfall").</summary>
    Waterfall,
}

/// <summary>How a network is trained. The defaults train a CIFAR ResNet from scratch.</summary>
public sealed record TrainingOptions
{
    /// <summary>Passes over the images. Default 20.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>Images per step. Default 128.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Highest learning rate. Default 0.1.</summary>
    public double LearningRate { get; init; } = 0.1;

    /// <summary>Nesterov momentum of SGD. Default 0.9.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>L2 penalty on all weights. Default 0.0005.</summary>
    public double WeightDecay { get; init; } = 0.0005;

    /// <summary>Schedule of the learning rate. Default: one-cycle.</summary>
    public Schedule Schedule { get; init; } = Schedule.OneCycle;

    /// <summary>Augmentation of the training views. Default: shifts and flips.</summary>
    public Augmentation Augmentation { get; init; } = Augmentation.Shift;

    /// <summary>Label smoothing: the share of each target spread evenly over all classes. Default 0.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>
    /// Mixup (α = 1): trains on mixtures of two images and of their targets, all pairs of a batch in the same proportion, which is uniform
    /// in [0, 1]. Only for training from scratch. Default false.
    /// </summary>
    public bool Mixup { get; init; }

    /// <summary>Seed of the initial weights, the order of images, and the views. Default 0.</summary>
    public long Seed { get; init; }

    /// <summary>Learning rate at a step.</summary>
    /// <param name="progress">Steps done over all steps, 0 to 1.</param>
    public double LearningRateAt(double progress)
    {
        const double rise = 0.3;
        return (Schedule, progress) switch
        {
            (Schedule.OneCycle, < rise) => LearningRate * Math.Max(0.04, progress / rise),
            (Schedule.OneCycle, _) => LearningRate * 0.5 * (1 + Math.Cos(Math.PI * (progress - rise) / (1 - rise))),
            (_, < 0.5) => LearningRate,
            (_, < 0.75) => LearningRate * 0.1,
            _ => LearningRate * 0.01,
        };
    }

    /// <summary>Stops training that has diverged: once weights are not finite, nothing more is learned.</summary>
    /// <exception cref="IsotopeException">The loss is not finite.</exception>
    internal void RequireFinite(double loss, int epoch)
    {
        if (double.IsFinite(loss))
            return;
        var found = FormattableString.Invariant($"a loss of {loss} in epoch {epoch + 1} at {LearningRate}");
        throw new IsotopeException($"--learning-rate: expected a training that converges, found {found}; lower it");
    }

    /// <summary>Checks ranges.</summary>
    /// <exception cref="IsotopeException">An option is out of range.</exception>
    public void Validate()
    {
        OptionCheck.Require(Epochs >= 1, "--epochs", "at least 1", Epochs);
        OptionCheck.Require(BatchSize >= 1, "--batch", "at least 1", BatchSize);
        OptionCheck.Require(LearningRate is > 0 and < 1e3, "--learning-rate", "a positive rate", LearningRate);
        OptionCheck.Require(Momentum is >= 0 and < 1, "--momentum", "0 to 1", Momentum);
        OptionCheck.Require(WeightDecay is >= 0 and < 1, "--weight-decay", "0 to 1", WeightDecay);
        OptionCheck.Require(LabelSmoothing is >= 0 and < 1, "--label-smoothing", "0 to 1", LabelSmoothing);
    }
}
