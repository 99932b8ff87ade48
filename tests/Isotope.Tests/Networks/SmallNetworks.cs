using Isotope.Networks;
using Isotope.Networks.Architectures;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Tests.Networks;

/// <summary>Architectures of other families than the marking network's, small enough to be trained in a test.</summary>
internal static class SmallNetworks
{
    private static readonly InputSpec Input = new() { Size = 28 };

    /// <summary>Convolutions in a chain, batch norm, max pooling, one hidden layer.</summary>
    public static readonly Architecture Vgg = new("small-vgg", "linear", Input, (classes, _) => new SmallVgg(classes));

    /// <summary>Blocks whose layers see all layers before them.</summary>
    public static readonly Architecture DenseNet = new("small-densenet", "linear", Input, (classes, _) => new SmallDenseNet(classes));

    /// <summary>A new network with random weights of a seed.</summary>
    public static TorchNetwork Create(Architecture architecture, int classes, long seed)
    {
        manual_seed(seed);
        return new TorchNetwork(architecture, architecture.Build(classes, null), architecture.Input, sha256: null, device: null);
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
            nn.Conv2d(inputs, outputs, kernel_size: 3, padding: 1), nn.BatchNorm2d(outputs), nn.ReLU(inplace: true),
            nn.Conv2d(outputs, outputs, kernel_size: 3, padding: 1), nn.BatchNorm2d(outputs), nn.ReLU(inplace: true),
            nn.MaxPool2d(kernel_size: 2, stride: 2),
        ];
    }

    public sealed class SmallDenseNet : ClassifierModule
    {
        private const int Growth = 8;
        private const int LayersPerBlock = 3;
        private readonly Conv2d stem;
        private readonly ModuleList<nn.Module<Tensor, Tensor>> layers = [];
        private readonly ModuleList<nn.Module<Tensor, Tensor>> transitions = [];
        private readonly Linear linear;

        public SmallDenseNet(int classes)
            : base(nameof(SmallDenseNet))
        {
            var channels = 2 * Growth;
            stem = nn.Conv2d(3, channels, kernel_size: 3, padding: 1, stride: 2);
            for (var block = 0; block < 2; block++)
            {
                for (var i = 0; i < LayersPerBlock; i++, channels += Growth)
                    layers.Add(nn.Sequential(nn.BatchNorm2d(channels), nn.ReLU(), nn.Conv2d(channels, Growth, kernel_size: 3, padding: 1, bias: false)));
                transitions.Add(nn.Sequential(nn.BatchNorm2d(channels), nn.ReLU(), nn.Conv2d(channels, channels, kernel_size: 1, bias: false)));
            }

            linear = nn.Linear(channels, classes);
            RegisterComponents();
        }

        public override Linear Head => linear;

        public override Tensor Features(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = stem.call(input);
            for (var block = 0; block < transitions.Count; block++)
            {
                for (var i = 0; i < LayersPerBlock; i++) x = cat([x, layers[block * LayersPerBlock + i].call(x)], dim: 1);
                x = transitions[block].call(x);
                if (block == 0) x = nn.functional.avg_pool2d(x, 2);
            }

            return x.relu_().mean([2, 3]).MoveToOuterDisposeScope();
        }
    }
}
