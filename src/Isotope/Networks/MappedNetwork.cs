using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Networks;

/// <summary>
/// A network whose outputs are expressed in the owner's classes: W becomes A·W, b becomes A·b + c. It does not own the network.
/// </summary>
internal sealed class MappedNetwork : Network
{
    private readonly Network inner;

    /// <param name="inner">The network; without a classifier, <paramref name="rows"/> are of its features.</param>
    /// <param name="rows">A, one row per class and one column per output, in double on the CPU.</param>
    /// <param name="offsets">c, one per class.</param>
    public MappedNetwork(Network inner, Tensor rows, Tensor offsets)
        : base(inner.Architecture, inner.Input, inner.Sha256, inner.Device)
    {
        this.inner = inner;
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var hasClassifier = inner.Classes > 0;
        var weight = hasClassifier ? rows.matmul(inner.Weight.detach().cpu().to(float64)) : rows;
        var bias = hasClassifier && inner.Bias is { } own ? rows.matmul(own.detach().cpu().to(float64)).Plus(offsets) : offsets;
        Weight = weight.to(float32).to(inner.Device).contiguous().DetachFromDisposeScope();
        Bias = bias.to(float32).to(inner.Device).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Weight { get; }

    /// <inheritdoc/>
    public override Tensor Bias { get; }

    /// <inheritdoc/>
    public override Tensor Features(Tensor views) => inner.Features(views);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Weight.Dispose();
        Bias.Dispose();
        base.Dispose(disposing);
    }
}
