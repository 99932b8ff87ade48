using System.Runtime.InteropServices;
using System.Text;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Tests.Networks.Architectures;

/// <summary>The formulas of Golden/make_golden.py, bit for bit.</summary>
internal static class GoldenWeights
{
    /// <summary>Gives every parameter and buffer the value that follows from its name.</summary>
    public static void Fill(nn.Module module)
    {
        using var noGradient = no_grad();
        foreach (var (name, tensor) in module.state_dict())
        {
            using var scope = NewDisposeScope();
            if (tensor.dim() > 0 && tensor.is_floating_point())
                tensor.copy_(Weights(name, tensor.shape));
        }
    }

    /// <summary>Values in [-1, 1): the name's FNV-1a hash and the index, mixed by murmur3's finaliser.</summary>
    public static Tensor Noise(string name, params long[] shape)
    {
        var result = empty(shape);
        var bytes = result.bytes;
        var values = MemoryMarshal.Cast<byte, float>(bytes);
        var hash = Fnv(name);
        for (var i = 0; i < values.Length; i++)
            values[i] = (Mix(hash + (uint)i * 0x9E3779B9) >> 8) / (float)(1 << 23) - 1;
        return result;
    }

    /// <summary>FNV-1a, 32 bits.</summary>
    public static uint Fnv(string text) => Encoding.UTF8.GetBytes(text).Aggregate(2166136261, (hash, value) => (hash ^ value) * 16777619);

    private static Tensor Weights(string name, long[] shape)
    {
        var noise = Noise(name, shape);
        if (name.EndsWith("layer_scale", StringComparison.Ordinal))
            return noise.Times(0.5);
        if (shape.Length > 1)
            return noise.Times(MathF.Sqrt(6f / shape.Skip(1).Aggregate((a, b) => a * b)));
        if (name.EndsWith("running_var", StringComparison.Ordinal))
            return noise.Times(0.5).Plus(1.25);
        if (!name.EndsWith("weight", StringComparison.Ordinal))
            return noise.Times(0.125);
        var endsBranch = name.EndsWith("bn2.weight", StringComparison.Ordinal) || name.EndsWith("bn3.weight", StringComparison.Ordinal);
        return noise.Times(0.25).Plus(1).Times(endsBranch ? 0.5 : 1);
    }

    private static uint Mix(uint hash)
    {
        hash = (hash ^ (hash >> 16)) * 0x85EBCA6B;
        hash = (hash ^ (hash >> 13)) * 0xC2B2AE35;
        return hash ^ (hash >> 16);
    }
}
