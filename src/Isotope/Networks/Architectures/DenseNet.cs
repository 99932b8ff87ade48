using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>
/// The densely connected networks of Huang et al. 2017 (DenseNet-BC), named as in torchvision: <c>features.conv0</c>,
/// <c>features.denseblock1.denselayer1.norm1</c>, <c>features.transition1.conv</c>, <c>classifier</c>. The smallest input is 29 × 29. The
/// variant for small images (the authors' for CIFAR) starts with just a 3 × 3 convolution of stride 1.
/// </summary>
internal sealed class DenseNet : ClassifierModule
{
    private readonly Sequential features;
    private readonly Linear classifier;

    /// <summary>A network of blocks with these numbers of layers, each of which adds <paramref name="growth"/> channels.</summary>
    public DenseNet(IReadOnlyList<int> layers, int growth, int classes, bool smallImages = false, Device? device = null)
        : base(nameof(DenseNet))
    {
        var channels = 2 * growth;
        features = smallImages ? nn.Sequential(("conv0", Layers.Convolution(3, channels, kernel: 3, device))) : Stem(channels, device);
        for (var i = 0; i < layers.Count; i++)
        {
            if (i > 0)
            {
                features.append($"transition{i}", Transition(channels, channels / 2, device));
                channels /= 2;
            }

            features.append($"denseblock{i + 1}", Block(layers[i], channels, growth, device));
            channels += layers[i] * growth;
        }

        features.append("norm5", new BatchNorm(channels, device));
        classifier = nn.Linear(channels, classes, device: device);
        RegisterComponents();
    }

    /// <summary>The architectures of the catalogue.</summary>
    public static IEnumerable<Architecture> Family { get; } =
    [
        Of("cifar-densenet40", [6, 6, 6], growth: 12, smallImages: true),
        Of("cifar-densenet100", [16, 16, 16], growth: 12, smallImages: true),
        Of("cifar-densenet190", [31, 31, 31], growth: 40, smallImages: true),
        Of("densenet121", [6, 12, 24, 16], growth: 32),
        Of("densenet161", [6, 12, 36, 24], growth: 48),
        Of("densenet169", [6, 12, 32, 32], growth: 32),
        Of("densenet201", [6, 12, 48, 32], growth: 32),
    ];

    /// <inheritdoc/>
    public override Linear Head => classifier;

    /// <inheritdoc/>
    public override (long Kernel, long Stride, long Padding)? MaxPooling => features[1] is BatchNorm ? (3, 2, 1) : null;

    /// <inheritdoc/>
    public override Tensor Features(Tensor input)
    {
        using var scope = NewDisposeScope();
        return features.call(input).relu_().mean([2, 3]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override void Initialise()
    {
        Layers.InitialiseConvolutions(this, nn.init.FanInOut.FanIn);
        nn.init.zeros_(classifier.bias!);
    }

    private static Architecture Of(string name, int[] layers, int growth, bool smallImages = false)
    {
        return new(name, "classifier", smallImages ? Inputs.Cifar : Inputs.ImageNet, Build) { SmallestInput = smallImages ? 8 : 29 };

        ClassifierModule Build(int classes, Device? device) => new DenseNet(layers, growth, classes, smallImages, device);
    }

    private static Sequential Stem(int channels, Device? device) =>
        nn.Sequential(
            ("conv0", Layers.Convolution(3, channels, kernel: 7, device, stride: 2)),
            ("norm0", new BatchNorm(channels, device)),
            ("relu0", nn.ReLU(inplace: true)),
            ("pool0", nn.MaxPool2d(kernel_size: 3, stride: 2, padding: 1))
        );

    private static Sequential Transition(int inputs, int outputs, Device? device) =>
        nn.Sequential(
            ("norm", new BatchNorm(inputs, device)),
            ("relu", nn.ReLU(inplace: true)),
            ("conv", Layers.Convolution(inputs, outputs, kernel: 1, device)),
            ("pool", nn.AvgPool2d(kernel_size: 2, stride: 2))
        );

    private static Sequential Block(int layers, int channels, int growth, Device? device) =>
        nn.Sequential(Enumerable.Range(0, layers).Select(i => ($"denselayer{i + 1}", Layer(channels + i * growth, growth, device))));

    private static nn.Module<Tensor, Tensor> Layer(int channels, int growth, Device? device) => new DenseLayer(channels, growth, device);
}
