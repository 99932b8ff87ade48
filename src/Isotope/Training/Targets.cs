using Isotope.Datasets;
using static TorchSharp.torch;

namespace Isotope.Training;

/// <summary>What training pulls logits towards: classes, or a teacher's probabilities.</summary>
public abstract class Targets
{
    /// <summary>Temperature T ≥ 1 that logits are divided by before they are compared; 1 for classes.</summary>
    protected internal virtual double Temperature => 1;

    /// <summary>Targets of images on a device: class indices (N, 64-bit), or probabilities (N × C).</summary>
    protected internal abstract Tensor Find(IReadOnlyList<LabelledImage> images, Device device);

    /// <summary>
    /// Cross-entropy of targets and softmax(logits / T), times T², which keeps the gradient's size whatever T. Towards probabilities it is the
    /// Kullback–Leibler divergence but for a constant, the targets' own entropy.
    /// </summary>
    internal Tensor Loss(Tensor logits, Tensor targets)
    {
        if (Temperature == 1) return nn.functional.cross_entropy(logits, targets);
        using var scope = NewDisposeScope();
        return (nn.functional.cross_entropy(logits / Temperature, targets) * (Temperature * Temperature)).MoveToOuterDisposeScope();
    }
}

/// <summary>The classes of the images' folders.</summary>
public sealed class FolderTargets : Targets
{
    /// <inheritdoc/>
    protected internal override Tensor Find(IReadOnlyList<LabelledImage> images, Device device) =>
        tensor(images.Select(image => (long)image.Label).ToArray(), device: device);
}
