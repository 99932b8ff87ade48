using Isotope.Networks;
using Isotope.Networks.Architectures;
using Isotope.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;
using BatchNorm = Isotope.Networks.Architectures.BatchNorm;

namespace Isotope.Tests.Networks;

/// <summary>Architectures of other families than the marking network's, small enough to train in a test.</summary>
internal static class SmallNetworks
{
    private static readonly InputSpec Input = new() { Size = 28 };

    /// <summary>A chain of convolutions, batch norm, max pooling, one hidden layer.</summary>
    public static readonly Architecture Vgg = new("small-vgg", "linear", Input, (classes, _) => new SmallVgg(classes));

    /// <summary>Blocks whose layers see all layers before them, average pooling, one hidden layer.</summary>
    public static readonly Architecture DenseNet = new("small-densenet", "linear", Input, (classes, _) => new SmallDenseNet(classes));

    /// <summary>A new network with random weights from a seed.</summary>
    public static TorchNetwork Create(Architecture architecture, int classes, long seed)
    {
        var module = architecture.Build(classes, null);
        foreach (var (name, parameter) in module.named_parameters())
            Fill(parameter, new RandomStream(seed, name));
        return new TorchNetwork(architecture, module, architecture.Input, device: null);
    }

    /// <summary>A frozen ResNet-20 of ten classes with random weights.</summary>
    public static TorchNetwork RandomResNet20()
    {
        var network = Network.Create("resnet20", 10, seed: 1);
        network.Freeze();
        return network;
    }

    /// <summary>Fills a parameter as torch does, but from a stream of its own, since tests that run in parallel share torch's.</summary>
    private static void Fill(Tensor parameter, RandomStream random)
    {
        if (parameter.dim() < 2)
            return;
        var bound = 1 / Math.Sqrt(parameter[0].numel());
        var values = new float[parameter.numel()];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)random.NextDouble(-bound, bound);
        using var noGradient = no_grad();
        using var filled = tensor(values, parameter.shape);
        parameter.copy_(filled);
    }

    public sealed class SmallVgg : ClassifierModule
    {
        public static readonly int[] Widths = [8, 16, 32];
        private readonly Sequential features;
        private readonly Linear hidden;
        private readonly Linear linear;

        public SmallVgg(int classes)
            : base(nameof(SmallVgg))
        {
            features = nn.Sequential(Widths.SelectMany((width, i) => Stage(i == 0 ? 3 : Widths[i - 1], width)));
            hidden = nn.Linear(Widths[^1] * 3 * 3, 64);
            linear = nn.Linear(64, classes);
            RegisterComponents();
        }

        public override Linear Head => linear;

        public Sequential Convolutions => features;

        public Linear Hidden => hidden;

        public override Tensor Features(Tensor input)
        {
            using var scope = NewDisposeScope();
            return hidden.call(features.call(input).flatten(1)).relu_().MoveToOuterDisposeScope();
        }

        private static IEnumerable<nn.Module<Tensor, Tensor>> Stage(int inputs, int outputs) =>
            [
                nn.Conv2d(inputs, outputs, kernel_size: 3, padding: 1),
                new BatchNorm(outputs, device: null),
                nn.ReLU(inplace: true),
                nn.Conv2d(outputs, outputs, kernel_size: 3, padding: 1),
                new BatchNorm(outputs, device: null),
                nn.ReLU(inplace: true),
                nn.MaxPool2d(kernel_size: 2, stride: 2),
            ];
    }

    public sealed class SmallDenseNet : ClassifierModule
    {
        private const int Stem = 8;
        private const int Growth = 8;
        private const int LayersPerBlock = 3;
        private readonly Conv2d stem;
        private readonly ModuleList<nn.Module<Tensor, Tensor>> layers = [];
        private readonly Linear hidden;
        private readonly Linear linear;

        public SmallDenseNet(int classes)
            : base(nameof(SmallDenseNet))
        {
            var channels = Stem;
            stem = nn.Conv2d(3, channels, kernel_size: 3, stride: 2, padding: 1);
            for (var i = 0; i < 2 * LayersPerBlock; i++, channels += Growth)
                layers.Add(
                    nn.Sequential(
                        new BatchNorm(channels, device: null),
                        nn.ReLU(),
                        nn.Conv2d(channels, Growth, kernel_size: 3, padding: 1, bias: false)
                    )
                );
            hidden = nn.Linear(channels * 3 * 3, 64);
            linear = nn.Linear(64, classes);
            RegisterComponents();
        }

        public override Linear Head => linear;

        public override Tensor Features(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = stem.call(input);
            for (var i = 0; i < layers.Count; i++)
            {
                x = cat([x, layers[i].call(x)], dim: 1);
                if (i % LayersPerBlock == LayersPerBlock - 1)
                    x = nn.functional.avg_pool2d(x, 2);
            }

            return hidden.call(nn.functional.adaptive_avg_pool2d(x, [3, 3]).relu_().flatten(1)).relu_().MoveToOuterDisposeScope();
        }
    }
}
