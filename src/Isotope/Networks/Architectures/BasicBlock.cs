using Isotope.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>The two-layer residual block of He et al. 2016, with a projection where the shape changes ("option B").</summary>
internal sealed class BasicBlock : nn.Module<Tensor, Tensor>
{
    private readonly Conv2d conv1;
    private readonly BatchNorm bn1;
    private readonly Conv2d conv2;
    private readonly BatchNorm bn2;
    private readonly NormedConvolution first;
    private readonly NormedConvolution second;
    private readonly Projection shortcut;

    /// <summary>A block with random weights.</summary>
    /// <param name="form">The network's form.</param>
    /// <param name="inputs">Channels of the input.</param>
    /// <param name="outputs">Channels of the output.</param>
    /// <param name="stride">Stride of the first convolution.</param>
    /// <param name="device">Device of the weights; null is the CPU.</param>
    public BasicBlock(ResNetForm form, int inputs, int outputs, int stride, Device? device)
        : base(nameof(BasicBlock))
    {
        conv1 = Layers.Convolution(inputs, outputs, kernel: 3, device, stride);
        bn1 = new BatchNorm(outputs, device);
        conv2 = Layers.Convolution(outputs, outputs, kernel: 3, device);
        bn2 = new BatchNorm(outputs, device);
        first = new NormedConvolution(conv1, bn1);
        second = new NormedConvolution(conv2, bn2);
        shortcut = new Projection(inputs, outputs, stride, form.AveragedShortcuts, device);
        RegisterComponents();
        shortcut.Register(this);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = second.call(first.call(input).relu_()).AddInPlace(shortcut.Of(input));
        return x.relu_().MoveToOuterDisposeScope();
    }
}
