using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>How a residual network starts.</summary>
internal enum StemKind
{
    /// <summary>A 7 × 7 convolution of stride 2, and max pooling of stride 2.</summary>
    Large,

    /// <summary>A 3 × 3 convolution of stride 1.</summary>
    Small,

    /// <summary>A 3 × 3 convolution of stride 1, and max pooling of stride 2.</summary>
    SmallPooled,

    /// <summary>Three 3 × 3 convolutions, the first of stride 2, and max pooling of stride 2 (He et al. 2019, ResNet-C and -D).</summary>
    Deep,
}

/// <summary>
/// The layers before the first stage: <c>conv1</c> and <c>bn1</c>. Not a module, since the network itself has them in state dicts.
/// </summary>
internal sealed class Stem
{
    private readonly StemKind kind;
    private readonly (nn.Module Conv1, BatchNorm Bn1) layers;
    private readonly NormedConvolution[] normed;

    public Stem(StemKind kind, int outputs, Device? device)
    {
        this.kind = kind;
        var norm = new BatchNorm(outputs, device);
        if (kind == StemKind.Deep)
        {
            var deep = Deep(outputs, device);
            layers = (deep, norm);
            normed = [Pair(deep, 0), Pair(deep, 3), new NormedConvolution((Conv2d)deep[6], norm)];
            return;
        }

        var convolution =
            kind == StemKind.Large
                ? Layers.Convolution(3, outputs, kernel: 7, device, stride: 2)
                : Layers.Convolution(3, outputs, kernel: 3, device);
        layers = (convolution, norm);
        normed = [new NormedConvolution(convolution, norm)];
    }

    /// <inheritdoc cref="ClassifierModule.MaxPooling"/>
    public (long Kernel, long Stride, long Padding)? MaxPooling => kind == StemKind.Small ? null : (3, 2, 1);

    /// <summary>Registers the layers as children of the network.</summary>
    public void Register(nn.Module network)
    {
        network.register_module("conv1", layers.Conv1);
        network.register_module("bn1", layers.Bn1);
        for (var i = 0; i < normed.Length; i++)
            network.register_module($"stem{i}Normed", normed[i]);
    }

    public Tensor Of(Tensor input)
    {
        var x = normed[0].call(input);
        foreach (var next in normed.Skip(1))
            x = next.call(x.relu_());
        // ReLU after pooling gives the same result from a quarter of the values.
        return kind == StemKind.Small ? x.relu_() : nn.functional.max_pool2d(x, kernel_size: 3, stride: 2, padding: 1).relu_();
    }

    private static Sequential Deep(int outputs, Device? device) =>
        nn.Sequential(
            Layers.Convolution(3, outputs / 2, kernel: 3, device, stride: 2),
            new BatchNorm(outputs / 2, device),
            nn.ReLU(),
            Layers.Convolution(outputs / 2, outputs / 2, kernel: 3, device),
            new BatchNorm(outputs / 2, device),
            nn.ReLU(),
            Layers.Convolution(outputs / 2, outputs, kernel: 3, device)
        );

    private static NormedConvolution Pair(Sequential layers, int at) => new((Conv2d)layers[at], (BatchNorm)layers[at + 1]);
}
