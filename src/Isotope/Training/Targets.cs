using Isotope.Datasets;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Training;

/// <summary>What a network is trained to predict: classes, or a teacher's probabilities.</summary>
public abstract class Targets
{
    /// <summary>Temperature T ≥ 1 by which logits are divided before the comparison; 1 for classes.</summary>
    protected internal virtual double Temperature => 1;

    /// <summary>The classes of the images' folders.</summary>
    public static Targets Folders { get; } = new LabelTargets(image => image.Label);

    /// <summary>The targets of images: class indices (N, 64-bit) or probabilities (N × C), on a device.</summary>
    protected internal abstract Tensor Find(IReadOnlyList<LabelledImage> images, Device device);

    /// <summary>
    /// Cross-entropy of targets and softmax(logits / T), times T², which keeps the gradient's scale the same for any T. For probabilities
    /// this is the Kullback–Leibler divergence plus a constant, the targets' entropy.
    /// </summary>
    /// <param name="logits">N × C.</param>
    /// <param name="targets">Targets from <see cref="Find"/>.</param>
    /// <param name="smoothing">Share of the targets spread evenly over all classes.</param>
    internal Tensor Loss(Tensor logits, Tensor targets, double smoothing = 0)
    {
        using var scope = NewDisposeScope();
        var scaled = logits.Over(Temperature);
        var loss = nn.functional.cross_entropy(scaled, targets);
        if (smoothing > 0)
        {
            var uniform = nn.functional.log_softmax(scaled, dim: 1).mean();
            loss = loss.Times(1 - smoothing) - uniform.Times(smoothing);
        }

        return loss.Times(Temperature * Temperature).MoveToOuterDisposeScope();
    }
}

/// <summary>A class for every image.</summary>
internal sealed class LabelTargets(Func<LabelledImage, long> label) : Targets
{
    /// <inheritdoc/>
    protected internal override Tensor Find(IReadOnlyList<LabelledImage> images, Device device) =>
        tensor(images.Select(label).ToArray(), device: device);
}

/// <summary>Probabilities for every image, by id.</summary>
internal sealed class SoftTargets(IReadOnlyDictionary<string, float[]> probabilities, double temperature) : Targets
{
    /// <inheritdoc/>
    protected internal override double Temperature => temperature;

    /// <inheritdoc/>
    protected internal override Tensor Find(IReadOnlyList<LabelledImage> images, Device device)
    {
        float[] values = [.. images.SelectMany(image => probabilities[image.Id])];
        return tensor(values, [images.Count, values.Length / images.Count], device: device);
    }
}
