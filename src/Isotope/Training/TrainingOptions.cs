using System.Globalization;
using Isotope.Datasets;
using Isotope.Runs;

namespace Isotope.Training;

/// <summary>How the learning rate goes down.</summary>
public enum Schedule
{
    /// <summary>Up over the first 30 % of the steps, then down along a cosine.</summary>
    OneCycle,

    /// <summary>Divided by ten after a half and after three quarters of the steps (the paper's "waterfall").</summary>
    Waterfall,
}

/// <summary>What a data thief chooses. The defaults train a CIFAR ResNet from scratch.</summary>
public sealed record TrainingOptions
{
    /// <summary>Passes over the images. Default 20.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>Images per step. Default 128.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Highest learning rate. Default 0.1.</summary>
    public double LearningRate { get; init; } = 0.1;

    /// <summary>SGD's momentum (Nesterov's). Default 0.9.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>L2 penalty on all weights. Default 0.0005.</summary>
    public double WeightDecay { get; init; } = 0.0005;

    /// <summary>Course of the learning rate. Default one-cycle.</summary>
    public Schedule Schedule { get; init; } = Schedule.OneCycle;

    /// <summary>Views that are trained on. Default: shifts and flips.</summary>
    public Augmentation Augmentation { get; init; } = Augmentation.Shift;

    /// <summary>Share of a target that is spread evenly over all classes (label smoothing). Default 0.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>
    /// Train on mixtures of two images and of their targets, each pair of a batch in the same proportion, uniform in [0, 1] (mixup, α = 1).
    /// Training from scratch alone. Default false.
    /// </summary>
    public bool Mixup { get; init; }

    /// <summary>Seed of initial weights, order and views. Default 0.</summary>
    public long Seed { get; init; }

    /// <summary>Learning rate at a step, with <paramref name="progress"/> from 0 to 1 over all steps.</summary>
    public double LearningRateAt(double progress)
    {
        const double rise = 0.3;
        return Schedule switch
        {
            Schedule.OneCycle when progress < rise => LearningRate * Math.Max(0.04, progress / rise),
            Schedule.OneCycle => LearningRate * 0.5 * (1 + Math.Cos(Math.PI * (progress - rise) / (1 - rise))),
            _ => LearningRate
                * (
                    progress < 0.5 ? 1
                    : progress < 0.75 ? 0.1
                    : 0.01
                ),
        };
    }

    /// <summary>Ends a training that has diverged: from weights that are no numbers nothing is learned any more.</summary>
    /// <exception cref="IsotopeException">The loss is not finite.</exception>
    internal void RequireFinite(double loss, int epoch)
    {
        if (!double.IsFinite(loss))
            throw new IsotopeException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"--learning-rate: expected a training that converges, found a loss of {loss} in epoch {epoch + 1} at "
                        + $"{LearningRate}; lower it"
                )
            );
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
