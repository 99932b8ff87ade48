using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>
/// Residual networks that normalise before they convolve, in three forms that differ in names and details. Those of ResNet-18 to -152 for
/// small images end without a norm: <c>conv1</c>, <c>layer1.0.shortcut.0</c>, <c>linear</c>. The Wide ResNets of Zagoruyko and Komodakis
/// 2016 for CIFAR have three stages and a last norm: <c>block1.layer.0.convShortcut</c>, <c>bn1</c>, <c>fc</c>; or, with biases,
/// <c>layer1.0.shortcut.0</c>, <c>bn1</c>, <c>linear</c>.
/// </summary>
internal sealed class PreActivationResNet : ClassifierModule
{
    private readonly Conv2d conv1;
    private readonly List<Sequential> stages = [];
    private readonly BatchNorm? bn1;
    private readonly Linear head;

    private PreActivationResNet(int width, bool biased, Device? device)
        : base(nameof(PreActivationResNet))
    {
        conv1 = Layers.Convolution(3, width, kernel: 3, device, bias: biased);
        register_module(nameof(conv1), conv1);
        head = null!;
    }

    private PreActivationResNet(int[] blocks, bool bottleneck, int classes, Device? device)
        : this(width: 64, biased: false, device)
    {
        var inputs = 64;
        for (var i = 0; i < blocks.Length; i++)
        {
            var outputs = (64 << i) * (bottleneck ? Bottleneck.Expansion : 1);
            stages.Add(Layers.Stage(blocks[i], inputs, outputs, stride: i == 0 ? 1 : 2, Block));
            register_module($"layer{i + 1}", stages[i]);
            inputs = outputs;
        }

        head = nn.Linear(inputs, classes, device: device);
        register_module("linear", head);

        PreActivationBlock Block(int inputs, int outputs, int stride)
        {
            var width = outputs / Bottleneck.Expansion;
            (int, int, int)[] layers = bottleneck
                ? [(1, width, 1), (3, width, stride), (1, outputs, 1)]
                : [(3, outputs, stride), (3, outputs, 1)];
            return new(inputs, layers, "shortcut.0", biased: false, device);
        }
    }

    private PreActivationResNet(int blocksPerStage, int widening, bool biased, int classes, Device? device)
        : this(width: 16, biased, device)
    {
        var inputs = 16;
        for (var i = 0; i < 3; i++)
        {
            var outputs = (16 << i) * widening;
            stages.Add(Layers.Stage(blocksPerStage, inputs, outputs, stride: i == 0 ? 1 : 2, Block));
            register_module(biased ? $"layer{i + 1}" : $"block{i + 1}", biased ? stages[i] : nn.Sequential(("layer", stages[i])));
            inputs = outputs;
        }

        bn1 = new BatchNorm(inputs, device);
        register_module(nameof(bn1), bn1);
        head = nn.Linear(inputs, classes, device: device);
        register_module(biased ? "linear" : "fc", head);

        PreActivationBlock Block(int inputs, int outputs, int stride) =>
            biased
                ? new(inputs, [(3, outputs, 1), (3, outputs, stride)], "shortcut.0", biased, device)
                : new(inputs, [(3, outputs, stride), (3, outputs, 1)], "convShortcut", biased, device);
    }

    /// <summary>The architectures of the catalogue.</summary>
    public static IEnumerable<Architecture> Family { get; } =
    [
        PreActivation(18, [2, 2, 2, 2]),
        PreActivation(34, [3, 4, 6, 3]),
        PreActivation(50, [3, 4, 6, 3]),
        PreActivation(101, [3, 4, 23, 3]),
        PreActivation(152, [3, 8, 36, 3]),
        .. new[] { (16, 4), (16, 8), (28, 2), (28, 4), (28, 10), (34, 10), (40, 1), (40, 2), (40, 4) }.SelectMany(Wide),
    ];

    /// <inheritdoc/>
    public override Linear Head => head;

    /// <inheritdoc/>
    public override Tensor Features(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = conv1.call(input);
        foreach (var stage in stages)
            x = stage.call(x);
        if (bn1 is not null)
            x = bn1.call(x).relu_();
        return x.mean([2, 3]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override void Initialise() => Layers.InitialiseConvolutions(this);

    private static Architecture PreActivation(int depth, int[] blocks) =>
        new(
            $"cifar-preact-resnet{depth}",
            "linear",
            Inputs.Cifar,
            (classes, device) => new PreActivationResNet(blocks, depth >= 50, classes, device)
        );

    private static IEnumerable<Architecture> Wide((int Depth, int Widening) item)
    {
        var (depth, widening) = item;
        var blocks = (depth - 4) / 6;
        yield return new(
            $"wrn-{depth}-{widening}",
            "fc",
            Inputs.Cifar,
            (classes, device) => new PreActivationResNet(blocks, widening, biased: false, classes, device)
        );
        yield return new(
            $"wrn-{depth}-{widening}-biased",
            "linear",
            Inputs.Cifar,
            (classes, device) => new PreActivationResNet(blocks, widening, biased: true, classes, device)
        );
    }
}
