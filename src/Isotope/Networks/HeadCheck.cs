using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Networks;

/// <summary>Checks that a layer is the model's classifier: features, W and b must give the model's own logits.</summary>
internal static class HeadCheck
{
    private const int Images = 4;

    /// <summary>Largest error accepted, relative to the largest logit.</summary>
    public const double Tolerance = 1e-3;

    /// <summary>Fixed, different views N × 3 × S × S: waves in grey levels.</summary>
    public static Tensor Views(int size)
    {
        using var scope = NewDisposeScope();
        var phase = tensor(Enumerable.Range(0, Images * 3 * size * size).Select(i => i * 0.37).ToArray());
        var waves = phase.sin() * phase.Times(0.0101).cos();
        return waves.Times(127.5).Plus(127.5).to(float32).view(Images, 3, size, size).MoveToOuterDisposeScope();
    }

    /// <summary>How far W · features + b is from the logits, relative to the largest logit; infinite if shapes differ.</summary>
    public static double Error(Tensor features, Tensor weight, Tensor? bias, Tensor logits)
    {
        using var scope = NewDisposeScope();
        var isLinear = features.dim() == 2 && features.shape[1] == weight.shape[1];
        if (!isLinear || !logits.shape.SequenceEqual([features.shape[0], weight.shape[0]]))
            return double.PositiveInfinity;
        var difference = nn.functional.linear(features, weight, bias) - logits;
        var error = (difference.abs().max() / logits.abs().max()).item<float>();
        return float.IsNaN(error) ? double.PositiveInfinity : error;
    }
}
