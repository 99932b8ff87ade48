using Isotope.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>A block of MobileNetV2: expand, convolve each channel separately, project without activation.</summary>
internal sealed class InvertedResidual : nn.Module<Tensor, Tensor>
{
    private readonly Sequential conv;
    private readonly bool keepsShape;

    public InvertedResidual(int inputs, int outputs, int stride, int expansion, Device? device)
        : base(nameof(InvertedResidual))
    {
        var width = inputs * expansion;
        keepsShape = stride == 1 && inputs == outputs;
        conv = nn.Sequential();
        if (expansion != 1)
            conv.append(MobileNetV2.ConvNormRelu6(inputs, width, kernel: 1, device));
        conv.append(MobileNetV2.ConvNormRelu6(width, width, kernel: 3, device, stride, groups: width));
        conv.append(Layers.Convolution(width, outputs, kernel: 1, device));
        conv.append(new BatchNorm(outputs, device));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = conv.call(input);
        return (keepsShape ? x.AddInPlace(input) : x).MoveToOuterDisposeScope();
    }
}
