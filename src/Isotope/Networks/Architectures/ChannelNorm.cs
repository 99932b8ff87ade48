using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>Layer normalisation over the channels of every pixel of maps N × C × H × W, named as <c>torch.nn.LayerNorm</c>.</summary>
internal sealed class ChannelNorm : nn.Module<Tensor, Tensor>
{
    private readonly long[] shape;

    public ChannelNorm(int channels, double epsilon, Device? device)
        : base(nameof(ChannelNorm))
    {
        Epsilon = epsilon;
        shape = [channels];
        register_parameter("weight", new Parameter(ones(channels, device: device)));
        register_parameter("bias", new Parameter(zeros(channels, device: device)));
    }

    /// <summary>Added to variances.</summary>
    public double Epsilon { get; }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var pixels = input.permute(0, 2, 3, 1);
        var normed = nn.functional.layer_norm(pixels, shape, get_parameter("weight"), get_parameter("bias"), Epsilon);
        return normed.permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }
}
