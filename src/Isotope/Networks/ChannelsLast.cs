using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks;

/// <summary>The memory layout in which oneDNN convolves fastest: shape N × C × H × W, stored as N × H × W × C.</summary>
internal static class ChannelsLast
{
    /// <summary>The same values in this layout; differentiable.</summary>
    public static Tensor Of(Tensor images)
    {
        using var scope = NewDisposeScope();
        return images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>Gives the weights of a module's convolutions this layout, in place.</summary>
    public static void Apply(nn.Module module)
    {
        using var noGradient = no_grad();
        foreach (var convolution in module.modules().OfType<Conv2d>())
        {
            using var scope = NewDisposeScope();
            using var weight = convolution.weight!;
            convolution.weight = new Parameter(Of(weight.detach()).DetachFromDisposeScope(), weight.requires_grad);
        }
    }
}
