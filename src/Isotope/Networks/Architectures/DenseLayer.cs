using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>A layer of a dense block: returns its input with new channels appended.</summary>
internal sealed class DenseLayer : nn.Module<Tensor, Tensor>
{
    /// <summary>Channels of the 1 × 1 convolution for each channel that the layer adds.</summary>
    private const int BottleneckFactor = 4;

    private readonly BatchNorm norm1;
    private readonly Conv2d conv1;
    private readonly BatchNorm norm2;
    private readonly Conv2d conv2;

    public DenseLayer(int inputs, int growth, Device? device)
        : base(nameof(DenseLayer))
    {
        var width = BottleneckFactor * growth;
        norm1 = new BatchNorm(inputs, device);
        conv1 = Layers.Convolution(inputs, width, kernel: 1, device);
        norm2 = new BatchNorm(width, device);
        conv2 = Layers.Convolution(width, growth, kernel: 3, device);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = conv1.call(norm1.call(input).relu_());
        x = conv2.call(norm2.call(x).relu_());
        return cat([input, x], dim: 1).MoveToOuterDisposeScope();
    }
}
