using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>
/// The networks of Simonyan and Zisserman 2015, with or without batch normalisation, named as in torchvision:
/// <c>features.0</c>, <c>classifier.6</c>. The features are the last hidden layer, d = 4096. In the variant for small images, that of the
/// widespread CIFAR checkpoints, the hidden layers see a map of one cell and d = 512. The smallest input is 32 × 32.
/// </summary>
internal sealed class Vgg : ClassifierModule
{
    private static readonly int[] Widths = [64, 128, 256, 512, 512];

    private readonly Sequential features;
    private readonly Sequential classifier;

    /// <summary>Side of the map that the hidden layers see, whatever the size of the input.</summary>
    private readonly int pooled;

    /// <summary>A network of five stages with these numbers of convolutions.</summary>
    public Vgg(IReadOnlyList<int> convolutions, bool batchNorm, int classes, bool smallImages = false, Device? device = null)
        : base(nameof(Vgg))
    {
        pooled = smallImages ? 1 : 7;
        var hidden = smallImages ? 512 : 4096;
        var inputs = Widths.Prepend(3).ToArray();
        features = nn.Sequential(Widths.SelectMany((width, i) => Stage(convolutions[i], inputs[i], width, batchNorm, device)));
        classifier = nn.Sequential(
            nn.Linear(Widths[^1] * pooled * pooled, hidden, device: device),
            nn.ReLU(inplace: true),
            nn.Dropout(),
            nn.Linear(hidden, hidden, device: device),
            nn.ReLU(inplace: true),
            nn.Dropout(),
            nn.Linear(hidden, classes, device: device)
        );
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Linear Head => (Linear)classifier[classifier.Count - 1];

    /// <inheritdoc/>
    public override Tensor Features(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = nn.functional.adaptive_avg_pool2d(features.call(input), pooled).flatten(1);
        for (var i = 0; i < classifier.Count - 1; i++)
            x = classifier[i].call(x);
        return x.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override void Initialise()
    {
        Layers.InitialiseConvolutions(this);
        Layers.InitialiseLinear(this);
    }

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
