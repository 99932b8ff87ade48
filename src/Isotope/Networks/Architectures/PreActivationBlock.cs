using Isotope.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>
/// A residual block that normalises before it convolves (He et al. 2016, "Identity mappings"): two 3 × 3 convolutions, or a bottleneck. The
/// norms after its convolutions but the last fold into them.
/// </summary>
internal sealed class PreActivationBlock : nn.Module<Tensor, Tensor>
{
    private readonly BatchNorm norm;
    private readonly List<NormedConvolution> normed = [];
    private readonly Conv2d last;
    private readonly Conv2d? shortcut;
    private readonly bool projectsInput;

    /// <summary>A block with random weights.</summary>
    /// <param name="inputs">Channels of the input.</param>
    /// <param name="layers">Convolutions in order: kernel, output channels and stride.</param>
    /// <param name="shortcutName">Name of the projection's convolution in state dicts.</param>
    /// <param name="biased">
    /// Whether convolutions have biases and the projection sees the input itself, as in one widespread form; else what norm and ReLU make
    /// of it.
    /// </param>
    /// <param name="device">Device of the weights; null is the CPU.</param>
    public PreActivationBlock(int inputs, (int Kernel, int Outputs, int Stride)[] layers, string shortcutName, bool biased, Device? device)
        : base(nameof(PreActivationBlock))
    {
        projectsInput = biased;
        norm = new BatchNorm(inputs, device);
        register_module("bn1", norm);
        var channels = inputs;
        last = null!;
        for (var i = 0; i < layers.Length; i++)
        {
            var (kernel, outputs, stride) = layers[i];
            last = Layers.Convolution(channels, outputs, kernel, device, stride, bias: biased);
            register_module($"conv{i + 1}", last);
            channels = outputs;
            if (i == layers.Length - 1)
                continue;
            var next = new BatchNorm(outputs, device);
            register_module($"bn{i + 2}", next);
            normed.Add(new NormedConvolution(last, next));
            register_module($"conv{i + 1}Normed", normed[i]);
        }

        var strides = layers.Aggregate(1, (product, layer) => product * layer.Stride);
        if (strides == 1 && inputs == channels)
            return;
        shortcut = Layers.Convolution(inputs, channels, kernel: 1, device, strides, bias: biased);
        var parts = shortcutName.Split('.');
        register_module(parts[0], parts.Length == 1 ? shortcut : nn.Sequential(shortcut));
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var activated = norm.call(input).relu_();
        var x = activated;
        foreach (var layer in normed)
            x = layer.call(x).relu_();
        var identity = shortcut is null ? input : shortcut.call(projectsInput ? input : activated);
        return last.call(x).AddInPlace(identity).MoveToOuterDisposeScope();
    }
}
