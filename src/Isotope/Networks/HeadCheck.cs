using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Networks;

/// <summary>Whether a layer found in somebody's model is its classifier: features, W and b must give the model's own logits.</summary>
internal static class HeadCheck
{
    private const int Images = 4;

    /// <summary>Largest error accepted, over the largest logit.</summary>
    public const double Tolerance = 1e-3;

    /// <summary>Fixed views, N × 3 × S × S: waves in grey levels, all different.</summary>
    public static Tensor Views(int size)
    {
        using var scope = NewDisposeScope();
        var phase = tensor(Enumerable.Range(0, Images * 3 * size * size).Select(i => i * 0.37).ToArray());
        return (phase.sin() * phase.Times(0.0101).cos())
            .Times(127.5)
            .Plus(127.5)
            .to(float32)
            .view(Images, 3, size, size)
            .MoveToOuterDisposeScope();
    }

    /// <summary>How far W · features + b is from the logits, over the largest logit; infinite where shapes differ.</summary>
    public static double Error(Tensor features, Tensor weight, Tensor? bias, Tensor logits)
    {
        using var scope = NewDisposeScope();
        if (
            features.dim() != 2
            || features.shape[1] != weight.shape[1]
            || !logits.shape.SequenceEqual([features.shape[0], weight.shape[0]])
        )
            return double.PositiveInfinity;
        var error = (nn.functional.linear(features, weight, bias) - logits).abs().max() / logits.abs().max();
        return error.item<float>() is var relative && double.IsNaN(relative) ? double.PositiveInfinity : relative;
    }
}
