using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>
/// A feature extractor and its final linear layer. Fields have PyTorch's names, since they become the state dict's keys.
/// </summary>
internal abstract class ClassifierModule : nn.Module<Tensor, Tensor>
{
    /// <inheritdoc cref="ClassifierModule"/>
    protected ClassifierModule(string name)
        : base(name) { }

    /// <summary>The final linear layer, C × d.</summary>
    public abstract Linear Head { get; }

    /// <summary>
    /// Whether rounding depends on the number of images even in large batches, as it does in products of matrices with a row per pixel.
    /// </summary>
    public virtual bool RoundsByBatch => false;

    /// <summary>PyTorch's class of its activations, except at gates and behind the final layer.</summary>
    public virtual string Activation => "ReLU";

    /// <summary>Kernel, stride and padding of its max pooling; null if it has none.</summary>
    public virtual (long Kernel, long Stride, long Padding)? MaxPooling => null;

    /// <summary>Input of the final linear layer, N × d, for normalised views N × 3 × S × S.</summary>
    public abstract Tensor Features(Tensor input);

    /// <summary>Draws the weights for training from scratch, as the family's authors do. Default: PyTorch's initialisation.</summary>
    public virtual void Initialise() { }

    /// <summary>Logits, N × C.</summary>
    public override Tensor forward(Tensor input)
    {
        using var features = Features(input);
        return Head.call(features);
    }
}
