using Isotope.Networks;
using static TorchSharp.torch;

namespace Isotope.Tests.Detection.Classes;

/// <summary>The features of a network, without its classifier. It does not own the network.</summary>
internal sealed class FeaturesOnly : Network
{
    private readonly Network inner;

    public FeaturesOnly(Network inner)
        : base(inner.Architecture, inner.Input, inner.Sha256, inner.Device)
    {
        this.inner = inner;
        Weight = zeros([0, inner.FeatureDimension]).DetachFromDisposeScope();
    }

    public override Tensor Weight { get; }

    public override Tensor? Bias => null;

    public override Tensor Features(Tensor views) => inner.Features(views);

    protected override void Dispose(bool disposing)
    {
        Weight.Dispose();
        base.Dispose(disposing);
    }
}
