using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>
/// The network of Sandler et al. 2018 at width 1, named as in torchvision: <c>features.0.0</c>,
/// <c>features.1.conv.0.0</c>, <c>classifier.1</c>. d = 1280.
/// </summary>
internal sealed class MobileNetV2 : ClassifierModule
{
    private const int Dimension = 1280;

    /// <summary>Table 2 of the paper; the stride is the first block's.</summary>
    private static readonly (int Expansion, int Channels, int Blocks, int Stride)[] Stages =
    [
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    ];

    private readonly Sequential features;
    private readonly Sequential classifier;

    /// <summary>A network with random weights.</summary>
    public MobileNetV2(int classes, Device? device = null)
        : base(nameof(MobileNetV2))
    {
        var channels = 32;
        features = nn.Sequential(ConvNormRelu6(3, channels, kernel: 3, device, stride: 2));
        foreach (var (expansion, outputs, blocks, stride) in Stages)
            for (var i = 0; i < blocks; i++)
            {
                features.append(new InvertedResidual(channels, outputs, i == 0 ? stride : 1, expansion, device));
                channels = outputs;
            }

        features.append(ConvNormRelu6(channels, Dimension, kernel: 1, device));
        classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(Dimension, classes, device: device));
        RegisterComponents();
    }

    /// <summary>The architectures of the catalogue.</summary>
    public static IEnumerable<Architecture> Family { get; } =
    [new("mobilenet_v2", "classifier.1", Inputs.ImageNet, (classes, device) => new MobileNetV2(classes, device))];

    /// <inheritdoc/>
    public override Linear Head => (Linear)classifier[1];

    /// <inheritdoc/>
    public override string Activation => "ReLU6";

    /// <inheritdoc/>
    public override Tensor Features(Tensor input)
    {
        using var scope = NewDisposeScope();
        return classifier[0].call(features.call(input).mean([2, 3])).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override void Initialise()
    {
        Layers.InitialiseConvolutions(this);
        Layers.InitialiseLinear(this);
    }

    internal static Sequential ConvNormRelu6(int inputs, int outputs, int kernel, Device? device, int stride = 1, int groups = 1) =>
        nn.Sequential(
            Layers.Convolution(inputs, outputs, kernel, device, stride, groups),
            new BatchNorm(outputs, device),
            nn.ReLU6(inplace: true)
        );
}
