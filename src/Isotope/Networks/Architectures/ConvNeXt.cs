using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>
/// The networks of Liu et al. 2022, named as in torchvision: <c>features.0.0</c>, <c>features.1.0.block.0</c>, <c>classifier.2</c>.
/// d = 768, for Base 1024, for Large 1536. The features have passed the last norm. Unlike torchvision, training drops no whole blocks.
/// </summary>
internal sealed class ConvNeXt : ClassifierModule
{
    private const double Epsilon = 1e-6;

    private readonly Sequential features = nn.Sequential();
    private readonly Sequential classifier;

    private ConvNeXt(int[] blocks, int width, int classes, Device? device)
        : base(nameof(ConvNeXt))
    {
        features.append(nn.Sequential(Patches(3, width, size: 4, device), new ChannelNorm(width, Epsilon, device)));
        for (var i = 0; i < blocks.Length; i++)
        {
            var channels = width << i;
            if (i > 0)
                features.append(
                    nn.Sequential(new ChannelNorm(channels / 2, Epsilon, device), Patches(channels / 2, channels, size: 2, device))
                );
            features.append(nn.Sequential(Enumerable.Range(0, blocks[i]).Select(_ => new ConvNeXtBlock(channels, Epsilon, device))));
        }

        var dimension = width << (blocks.Length - 1);
        var norm = new ChannelNorm(dimension, Epsilon, device);
        classifier = nn.Sequential(("0", norm), ("2", nn.Linear(dimension, classes, device: device)));
        RegisterComponents();
    }

    /// <summary>The architectures of the catalogue.</summary>
    public static IEnumerable<Architecture> Family { get; } =
    [
        Of("convnext_tiny", [3, 3, 9, 3], 96, resized: 236),
        Of("convnext_small", [3, 3, 27, 3], 96, resized: 230),
        Of("convnext_base", [3, 3, 27, 3], 128, resized: 232),
        Of("convnext_large", [3, 3, 27, 3], 192, resized: 232),
    ];

    /// <inheritdoc/>
    public override Linear Head => (Linear)classifier[1];

    /// <inheritdoc/>
    public override string Activation => "GELU";

    /// <inheritdoc/>
    public override bool RoundsByBatch => true;

    /// <inheritdoc/>
    public override Tensor Features(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = features.call(input).mean([2, 3], keepdim: true);
        return classifier[0].call(x).flatten(1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override void Initialise() => Layers.InitialiseNarrow(this);

    private static Conv2d Patches(int inputs, int outputs, int size, Device? device) =>
        nn.Conv2d(inputs, outputs, kernel_size: size, stride: size, device: device);

    private static Architecture Of(string name, int[] blocks, int width, int resized)
    {
        return new(name, "classifier.2", Inputs.Cropped(224, resized), Build) { SmallestInput = 32 };

        ClassifierModule Build(int classes, Device? device) => new ConvNeXt(blocks, width, classes, device);
    }
}
