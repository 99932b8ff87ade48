using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>
/// The networks of Tan and Le 2019, B0 to B4, named as in torchvision: <c>features.0.0</c>, <c>features.2.0.block.1.0</c>,
/// <c>classifier.1</c>. d = 1280 for B0 and B1, then 1408, 1536, 1792. Unlike torchvision, training drops no whole blocks.
/// </summary>
internal sealed class EfficientNet : ClassifierModule
{
    /// <summary>Table 1 of the paper, for B0; the stride is the first block's.</summary>
    private static readonly (int Expansion, int Kernel, int Stride, int Channels, int Blocks)[] Stages =
    [
        (1, 3, 1, 16, 1),
        (6, 3, 2, 24, 2),
        (6, 5, 2, 40, 2),
        (6, 3, 2, 80, 3),
        (6, 5, 1, 112, 3),
        (6, 5, 2, 192, 4),
        (6, 3, 1, 320, 1),
    ];

    private readonly Sequential features = nn.Sequential();
    private readonly Sequential classifier;
    private readonly NormedConvolution first;
    private readonly NormedConvolution last;

    private EfficientNet(double widening, double deepening, double dropout, int classes, Device? device)
        : base(nameof(EfficientNet))
    {
        var channels = Widened(32, widening);
        var stem = MobileBlock.Normed(3, channels, kernel: 3, device, stride: 2);
        features.append(stem);
        foreach (var (expansion, kernel, stride, width, blocks) in Stages)
        {
            var outputs = Widened(width, widening);
            features.append(Layers.Stage((int)Math.Ceiling(blocks * deepening), channels, outputs, stride, Block));
            channels = outputs;

            MobileBlock Block(int from, int to, int step) => new(from, to, kernel, step, expansion, device);
        }

        var top = MobileBlock.Normed(channels, 4 * channels, kernel: 1, device);
        features.append(top);
        first = NormedConvolution.Of(stem);
        last = NormedConvolution.Of(top);
        classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(4 * channels, classes, device: device));
        RegisterComponents();
    }

    /// <summary>The architectures of the catalogue.</summary>
    public static IEnumerable<Architecture> Family { get; } =
    [
        Of("efficientnet_b0", 1, 1, 0.2, Inputs.ImageNet),
        Of("efficientnet_b1", 1, 1.1, 0.2, Inputs.Cropped(240, 255)),
        Of("efficientnet_b2", 1.1, 1.2, 0.3, Inputs.Cropped(288, 288)),
        Of("efficientnet_b3", 1.2, 1.4, 0.3, Inputs.Cropped(300, 320)),
        Of("efficientnet_b4", 1.4, 1.8, 0.4, Inputs.Cropped(380, 384)),
    ];

    /// <inheritdoc/>
    public override Linear Head => (Linear)classifier[1];

    /// <inheritdoc/>
    public override string Activation => "SiLU";

    /// <inheritdoc/>
    public override Tensor Features(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = MobileBlock.Activate(first.call(input));
        foreach (var stage in features.children().Skip(1).SkipLast(1).Cast<Sequential>())
            x = stage.call(x);
        x = MobileBlock.Activate(last.call(x));
        return classifier[0].call(x.mean([2, 3])).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override void Initialise()
    {
        Layers.InitialiseConvolutions(this);
        Layers.InitialiseLinear(this);
    }

    /// <summary>The nearest multiple of 8, at least 8 and at least 90 %.</summary>
    private static int Widened(int channels, double factor)
    {
        var wanted = channels * factor;
        var rounded = Math.Max(8, (int)(wanted + 4) / 8 * 8);
        return rounded < 0.9 * wanted ? rounded + 8 : rounded;
    }

    private static Architecture Of(string name, double widening, double deepening, double dropout, InputSpec input)
    {
        return new(name, "classifier.1", input, Build)
        {
            LeftOpen =
            [
                "an EfficientNet converted from TensorFlow (timm's tf_efficientnet) has the same tensors and pads its images otherwise",
            ],
        };

        ClassifierModule Build(int classes, Device? device) => new EfficientNet(widening, deepening, dropout, classes, device);
    }
}
