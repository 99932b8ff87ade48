using Isotope.Datasets;
using Isotope.Networks;
using static TorchSharp.torch;

namespace Isotope.Marking;

/// <summary>
/// The objective of paper §3.3 over one random view per image,
/// −(φ₀(F(θ,x̃)) − φ₀(F(θ₀,x)))ᵀu + λ₂‖φ₀(F(θ,x̃)) − φ₀(F(θ₀,x))‖ + λ₁‖x̃ − x‖², with θ₀ the centre crop.
/// </summary>
internal sealed class MarkingObjective
{
    private readonly Network network;
    private readonly MarkingOptions options;
    private readonly Tensor originals;
    private readonly Tensor carriers;
    private readonly Tensor greyLevelsPerUnit;
    private readonly Tensor vanillaFeatures;

    public MarkingObjective(Network network, MarkingOptions options, Tensor originals, Tensor carriers)
    {
        (this.network, this.options, this.originals, this.carriers) = (network, options, originals, carriers);
        greyLevelsPerUnit = network.GreyLevelsPerUnit(originals.shape[1]);
        vanillaFeatures = network.CentreFeatures(originals.unbind());
    }

    /// <summary>Gradient in the pixels at <paramref name="marked"/>, one new view per image; same shape.</summary>
    public Tensor Gradient(Tensor marked, IReadOnlyList<RandomStream> streams)
    {
        using var scope = NewDisposeScope();
        var pixels = marked.detach().requires_grad_(true);
        var loss = Loss(pixels, streams);
        return autograd.grad([loss], [pixels])[0].MoveToOuterDisposeScope();
    }

    /// <summary>Summed over the images, so that each one's gradient is its own.</summary>
    private Tensor Loss(Tensor pixels, IReadOnlyList<RandomStream> streams)
    {
        var (width, height) = ((int)pixels.shape[3], (int)pixels.shape[2]);
        var views = Views.Stack(
            pixels.unbind(),
            i => Crop.Draw(options.Augmentation, width, height, network.Input.CentreRatio, streams[i]),
            network.Input.Size);
        var shift = network.Features(views) - vanillaFeatures;
        var alignment = (shift * carriers).sum();
        var featureDistance = shift.norm(1).sum();
        var pixelDistance = ((pixels - originals) / greyLevelsPerUnit).square().sum();
        return -alignment + options.FeaturePenalty * featureDistance + options.PixelPenalty * pixelDistance;
    }
}
