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
}
