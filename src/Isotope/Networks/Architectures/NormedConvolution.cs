using Isotope.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>
/// A convolution and the batch norm after it. While both are constant they fold into one convolution, since the norm is then an affine map
/// of each channel. The two layers belong to the surrounding block, whose fields name them in state dicts; this module has no parameters.
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

    /// <summary>The two layers of a sequence.</summary>
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
    /// Folds the current weights into one convolution, used in evaluation mode while the weights take no gradients.
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
        var mean = convolution.bias is { } own ? norm.running_mean - own : norm.running_mean;
        var bias = norm.bias - mean * scale;
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
        if (IsHalved)
        {
            using var halved = HalvedGrid.Of(input);
            return nn.functional.conv2d(halved, weight, bias);
        }

        var (stride, padding, dilation) = (convolution.stride, convolution.padding, convolution.dilation);
        return nn.functional.conv2d(input, weight, bias, stride, padding, dilation, convolution.groups);
    }

    private void Forget()
    {
        folded?.Weight.Dispose();
        folded?.Bias.Dispose();
        folded = null;
    }
}
