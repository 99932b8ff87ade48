using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>
/// The networks of Simonyan and Zisserman 2015, with or without batch normalisation, named as in torchvision:
/// <c>features.0</c>, <c>classifier.6</c>. The features are the last hidden layer, d = 4096. In the variants for small images, those of the
/// widespread CIFAR checkpoints, the classifier sees a map of one cell, through hidden layers of 512 or 4096 units, or none:
/// <c>classifier</c>. The smallest input is 32 × 32.
/// </summary>
internal sealed class Vgg : ClassifierModule
{
    private static readonly int[] Widths = [64, 128, 256, 512, 512];

    private readonly Sequential features;
    private readonly nn.Module<Tensor, Tensor>[] hidden;
    private readonly Linear head;
    private readonly int pooled;

    /// <summary>A network of five stages with these numbers of convolutions.</summary>
    /// <param name="convolutions">Number of convolutions of each stage.</param>
    /// <param name="batchNorm">Whether norms follow the convolutions.</param>
    /// <param name="pooled">Side of the map that the classifier sees, whatever the size of the input.</param>
    /// <param name="units">Units of each of the two hidden layers; 0 if there are none.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="device">Device of the weights; null is the CPU.</param>
    public Vgg(IReadOnlyList<int> convolutions, bool batchNorm, int pooled, int units, int classes, Device? device = null)
        : base(nameof(Vgg))
    {
        this.pooled = pooled;
        var inputs = Widths.Prepend(3).ToArray();
        features = nn.Sequential(Widths.SelectMany((width, i) => Stage(convolutions[i], inputs[i], width, batchNorm, device)));
        register_module(nameof(features), features);
        var flat = Widths[^1] * pooled * pooled;
        hidden = units == 0 ? [] : [.. Hidden(flat, units, device), .. Hidden(units, units, device)];
        head = nn.Linear(units == 0 ? flat : units, classes, device: device);
        register_module("classifier", units == 0 ? head : nn.Sequential([.. hidden, head]));
    }

    /// <summary>The architectures of the catalogue.</summary>
    public static IEnumerable<Architecture> Family { get; } =
        new (string Name, int[] Convolutions)[]
        {
            ("vgg11", [1, 1, 2, 2, 2]),
            ("vgg13", [2, 2, 2, 2, 2]),
            ("vgg16", [2, 2, 3, 3, 3]),
            ("vgg19", [2, 2, 4, 4, 4]),
        }.SelectMany(item => new[] { false, true }.SelectMany(norm => Of(norm ? $"{item.Name}_bn" : item.Name, item.Convolutions, norm)));

    /// <inheritdoc/>
    public override Linear Head => head;

    /// <inheritdoc/>
    public override (long Kernel, long Stride, long Padding)? MaxPooling => (2, 2, 0);

    /// <inheritdoc/>
    public override Tensor Features(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = nn.functional.adaptive_avg_pool2d(features.call(input), pooled).flatten(1);
        foreach (var layer in hidden)
            x = layer.call(x);
        return x.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override void Initialise()
    {
        Layers.InitialiseConvolutions(this);
        Layers.InitialiseLinear(this);
    }

    private static IEnumerable<Architecture> Of(string name, int[] convolutions, bool batchNorm)
    {
        yield return new(name, "classifier.6", Inputs.ImageNet, Build(pooled: 7, units: 4096)) { SmallestInput = 32 };
        yield return new($"cifar-{name}", "classifier.6", Inputs.Cifar, Build(pooled: 1, units: 512)) { SmallestInput = 32 };
        yield return new($"cifar-{name}-4096", "classifier.6", Inputs.Cifar, Build(pooled: 1, units: 4096)) { SmallestInput = 32 };
        yield return new($"cifar-{name}-linear", "classifier", Inputs.Cifar, Build(pooled: 1, units: 0)) { SmallestInput = 32 };

        Func<int, Device?, ClassifierModule> Build(int pooled, int units) =>
            (classes, device) => new Vgg(convolutions, batchNorm, pooled, units, classes, device);
    }

    private static nn.Module<Tensor, Tensor>[] Hidden(int inputs, int units, Device? device) =>
        [nn.Linear(inputs, units, device: device), nn.ReLU(inplace: true), nn.Dropout()];

    private static IEnumerable<nn.Module<Tensor, Tensor>> Stage(int count, int inputs, int outputs, bool batchNorm, Device? device)
    {
        for (var i = 0; i < count; i++)
        {
            yield return nn.Conv2d(i == 0 ? inputs : outputs, outputs, kernel_size: 3, padding: 1, device: device);
            if (batchNorm)
                yield return new BatchNorm(outputs, device);
            yield return nn.ReLU(inplace: true);
        }

        yield return nn.MaxPool2d(kernel_size: 2, stride: 2);
    }
}
