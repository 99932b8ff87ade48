using Isotope.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>A block of ConvNeXt: convolve each channel separately, norm, two linear layers over channels, a learned scale.</summary>
internal sealed class ConvNeXtBlock : nn.Module<Tensor, Tensor>
{
    private readonly Conv2d separate;
    private readonly LayerNorm norm;
    private readonly Linear expand;
    private readonly Linear project;
    private readonly Parameter layer_scale;

    public ConvNeXtBlock(int channels, double epsilon, Device? device)
        : base(nameof(ConvNeXtBlock))
    {
        separate = Layers.Convolution(channels, channels, kernel: 7, device, groups: channels, bias: true);
        norm = nn.LayerNorm(channels, eps: epsilon, device: device);
        expand = nn.Linear(channels, 4 * channels, device: device);
        project = nn.Linear(4 * channels, channels, device: device);
        using var one = ones(channels, 1, 1, device: device);
        layer_scale = new Parameter(one.Times(1e-6));
        register_parameter(nameof(layer_scale), layer_scale);
        register_module("block", nn.Sequential(("0", separate), ("2", norm), ("3", expand), ("5", project)));
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = norm.call(separate.call(input).permute(0, 2, 3, 1));
        x = project.call(nn.functional.gelu(expand.call(x))).permute(0, 3, 1, 2);
        return input.Plus(x * layer_scale).MoveToOuterDisposeScope();
    }
}
