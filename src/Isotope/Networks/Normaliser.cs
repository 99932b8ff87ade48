using Isotope.Networks.Checkpoints;
using static TorchSharp.torch;

namespace Isotope.Networks;

/// <summary>A layer before the network that normalises its input, as wrappers for adversarial training have it.</summary>
internal static class Normaliser
{
    private static readonly (string Mean, string Std)[] Names = [("new_mean", "new_std"), ("mean", "std")];

    /// <summary>Mean and deviation of such a layer among the tensors that are left over; null if there is none.</summary>
    public static InputOverride? Of(StateDict weights, IReadOnlyList<string> leftOver)
    {
        foreach (var (mean, std) in Names)
        foreach (var name in leftOver.Where(name => $".{name}".EndsWith($".{mean}", StringComparison.Ordinal)))
        {
            var means = Numbers(weights, name);
            var deviations = Numbers(weights, name[..^mean.Length] + std);
            if (means?.All(value => value is >= 0 and <= 1) is true && deviations?.All(value => value is > 0 and <= 1) is true)
                return new InputOverride { Mean = means, Std = deviations };
        }

        return null;
    }

    /// <summary>Three numbers, as people state them: to six digits, since the file has them in single precision.</summary>
    private static double[]? Numbers(StateDict weights, string name) =>
        weights.TryGet(name, out var tensor) && tensor.numel() == 3
            ? [.. tensor.to(float64).flatten().data<double>().ToArray().Select(value => Math.Round(value, 6))]
            : null;
}
