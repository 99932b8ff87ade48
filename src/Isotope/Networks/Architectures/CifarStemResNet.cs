using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>
/// ResNet-18 for small images: the stem is a 3 × 3 convolution of stride 1, without pooling. d = 512. Named as in the widespread CIFAR
/// checkpoints, which differ from torchvision's: projections are <c>shortcut.0</c> and <c>shortcut.1</c>, the final layer is
/// <c>linear</c>.
/// </summary>
internal sealed class CifarStemResNet : ClassifierModule
{
    private readonly Conv2d conv1;
    private readonly BatchNorm bn1;
    private readonly NormedConvolution stem;
    private readonly Sequential layer1;
    private readonly Sequential layer2;
    private readonly Sequential layer3;
    private readonly Sequential layer4;
    private readonly Linear linear;

    /// <summary>A network of four stages, each with <paramref name="blocksPerStage"/> two-layer blocks.</summary>
    public CifarStemResNet(int blocksPerStage, int classes, Device? device = null)
        : base(nameof(CifarStemResNet))
    {
        conv1 = Layers.Convolution(3, 64, kernel: 3, device);
        bn1 = new BatchNorm(64, device);
        stem = new NormedConvolution(conv1, bn1);
        layer1 = Layers.Stage(blocksPerStage, 64, 64, stride: 1, Block);
        layer2 = Layers.Stage(blocksPerStage, 64, 128, stride: 2, Block);
        layer3 = Layers.Stage(blocksPerStage, 128, 256, stride: 2, Block);
        layer4 = Layers.Stage(blocksPerStage, 256, 512, stride: 2, Block);
        linear = nn.Linear(512, classes, device: device);
        RegisterComponents();

        BasicBlock Block(int inputs, int outputs, int stride) => new(inputs, outputs, stride, "shortcut", device);
    }

    /// <inheritdoc/>
    public override Linear Head => linear;

    /// <inheritdoc/>
    public override Tensor Features(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = stem.call(input).relu_();
        x = layer4.call(layer3.call(layer2.call(layer1.call(x))));
        return x.mean([2, 3]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override void Initialise() => Layers.InitialiseConvolutions(this);
}
