using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>
/// The ImageNet residual networks of He et al. 2016 (§4.1), named as in torchvision: <c>conv1</c>,
/// <c>layer1.0.downsample.0</c>, <c>fc</c>. d = 512, with bottlenecks 2048.
/// </summary>
internal sealed class ResNet : ClassifierModule
{
    private readonly Conv2d conv1;
    private readonly BatchNorm bn1;
    private readonly NormedConvolution stem;
    private readonly Sequential layer1;
    private readonly Sequential layer2;
    private readonly Sequential layer3;
    private readonly Sequential layer4;
    private readonly Linear fc;

    /// <summary>A network of four stages with these numbers of blocks: bottlenecks of three layers, or blocks of two.</summary>
    public ResNet(IReadOnlyList<int> blocks, bool bottleneck, int classes, Device? device = null)
        : base(nameof(ResNet))
    {
        var expansion = bottleneck ? Bottleneck.Expansion : 1;
        conv1 = Layers.Convolution(3, 64, kernel: 7, device, stride: 2);
        bn1 = new BatchNorm(64, device);
        stem = new NormedConvolution(conv1, bn1);
        layer1 = Layers.Stage(blocks[0], 64, 64 * expansion, stride: 1, Block);
        layer2 = Layers.Stage(blocks[1], 64 * expansion, 128 * expansion, stride: 2, Block);
        layer3 = Layers.Stage(blocks[2], 128 * expansion, 256 * expansion, stride: 2, Block);
        layer4 = Layers.Stage(blocks[3], 256 * expansion, 512 * expansion, stride: 2, Block);
        fc = nn.Linear(512 * expansion, classes, device: device);
        RegisterComponents();

        nn.Module<Tensor, Tensor> Block(int inputs, int outputs, int stride) =>
            bottleneck
                ? new Bottleneck(inputs, outputs, stride, "downsample", device)
                : new BasicBlock(inputs, outputs, stride, "downsample", device);
    }

    /// <inheritdoc/>
    public override Linear Head => fc;

    /// <inheritdoc/>
    public override Tensor Features(Tensor input)
    {
        using var scope = NewDisposeScope();
        // ReLU after pooling gives the same result from a quarter of the values.
        var x = nn.functional.max_pool2d(stem.call(input), kernel_size: 3, stride: 2, padding: 1).relu_();
        x = layer4.call(layer3.call(layer2.call(layer1.call(x))));
        return x.mean([2, 3]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override void Initialise() => Layers.InitialiseConvolutions(this);
}
