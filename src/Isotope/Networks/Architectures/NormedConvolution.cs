using Isotope.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>
/// A convolution and the batch norm behind it. While both are constant they are one convolution, since the norm is then an affine map
/// of each channel. The layers are children of the block around it, whose field names name them in state dicts; this module has no
/// parameters of its own.
/// </summary>
internal sealed class NormedConvolution : nn.Module<Tensor, Tensor>
{
    private readonly (Conv2d Convolution, BatchNorm Norm) layers;
    private (Tensor Weight, Tensor Bias)? folded;

    public NormedConvolution(Conv2d convolution, BatchNorm norm)
        : base(nameof(NormedConvolution))
    {
        layers = (convolution, norm);
    }

    /// <summary>Of a sequence of the two.</summary>
    public static NormedConvolution Of(Sequential layers) => new((Conv2d)layers[0], (BatchNorm)layers[1]);

    public override Tensor forward(Tensor input)
    {
        var (convolution, norm) = layers;
        if (folded is { } one && !norm.training && !convolution.weight!.requires_grad)
            return Convolve(input, one.Weight, one.Bias);
        using var x = convolution.call(input);
        return norm.call(x);
    }

    /// <summary>
    /// Computes the one convolution from the weights as they are now. It serves in evaluation mode, while weights take no gradient.
    /// </summary>
    public void Fold()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (convolution, norm) = layers;
        var scale = norm.weight * norm.running_var.Plus(BatchNorm.Epsilon).rsqrt();
        var weight = convolution.weight! * scale.view(-1, 1, 1, 1);
        if (IsHalved)
            weight = HalvedGrid.Weight(weight);
        var bias = norm.bias - norm.running_mean * scale;
        Forget();
        folded = (ChannelsLast.Of(weight).DetachFromDisposeScope(), bias.DetachFromDisposeScope());
    }

    protected override void Dispose(bool disposing)
    {
        Forget();
        base.Dispose(disposing);
    }

    private bool IsHalved => HalvedGrid.Fits(layers.Convolution.weight!, layers.Convolution.stride[0]);

    private Tensor Convolve(Tensor input, Tensor weight, Tensor bias)
    {
        var convolution = layers.Convolution;
        if (!IsHalved)
            return nn.functional.conv2d(
                input,
                weight,
                bias,
                convolution.stride,
                convolution.padding,
                convolution.dilation,
                convolution.groups
            );
        using var halved = HalvedGrid.Of(input);
        return nn.functional.conv2d(halved, weight, bias);
    }

    private void Forget()
    {
        folded?.Weight.Dispose();
        folded?.Bias.Dispose();
        folded = null;
    }
}
