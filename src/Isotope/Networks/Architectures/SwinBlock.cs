using Isotope.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>A block of a Swin transformer, on maps N × H × W × C: attention in windows, which every other block shifts by half.</summary>
internal sealed class SwinBlock : nn.Module<Tensor, Tensor>
{
    private readonly LayerNorm norm1;
    private readonly WindowAttention attn;
    private readonly LayerNorm norm2;
    private readonly Perceptron mlp;

    public SwinBlock(int channels, bool isShifted, Device? device)
        : base(nameof(SwinBlock))
    {
        norm1 = SwinTransformer.Norm(channels, device);
        attn = new WindowAttention(channels, isShifted, device);
        norm2 = SwinTransformer.Norm(channels, device);
        mlp = new Perceptron(channels, device);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = input.Plus(attn.call(norm1.call(input)));
        return x.Plus(mlp.call(norm2.call(x))).MoveToOuterDisposeScope();
    }
}
