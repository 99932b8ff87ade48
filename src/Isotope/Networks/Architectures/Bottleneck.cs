using Isotope.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>
/// The three-layer residual block of the deeper residual networks, usually with the stride in the 3 × 3 convolution as in torchvision.
/// </summary>
internal sealed class Bottleneck : nn.Module<Tensor, Tensor>
{
    /// <summary>Output channels for each channel of the 3 × 3 convolution.</summary>
    public const int Expansion = 4;

    private readonly Conv2d conv1;
    private readonly BatchNorm bn1;
    private readonly Conv2d conv2;
    private readonly BatchNorm bn2;
    private readonly Conv2d conv3;
    private readonly BatchNorm bn3;
    private readonly NormedConvolution first;
    private readonly NormedConvolution second;
    private readonly NormedConvolution third;
    private readonly Projection shortcut;

    /// <inheritdoc cref="BasicBlock(ResNetForm, int, int, int, Device?)"/>
    public Bottleneck(ResNetForm form, int inputs, int outputs, int stride, Device? device)
        : base(nameof(Bottleneck))
    {
        var width = outputs / Expansion * form.Widening;
        var (firstStride, secondStride) = form.StrideFirst ? (stride, 1) : (1, stride);
        conv1 = Layers.Convolution(inputs, width, kernel: 1, device, firstStride);
        bn1 = new BatchNorm(width, device);
        conv2 = Layers.Convolution(width, width, kernel: 3, device, secondStride, form.Groups);
        bn2 = new BatchNorm(width, device);
        conv3 = Layers.Convolution(width, outputs, kernel: 1, device);
        bn3 = new BatchNorm(outputs, device);
        first = new NormedConvolution(conv1, bn1);
        second = new NormedConvolution(conv2, bn2);
        third = new NormedConvolution(conv3, bn3);
        shortcut = new Projection(inputs, outputs, stride, form.AveragedShortcuts, device);
        RegisterComponents();
        shortcut.Register(this);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = second.call(first.call(input).relu_()).relu_();
        x = third.call(x).AddInPlace(shortcut.Of(input));
        return x.relu_().MoveToOuterDisposeScope();
    }
}
