using Isotope.Networks.Checkpoints;
using static TorchSharp.torch;

namespace Isotope.Networks;

/// <summary>A layer before the network that normalises its input, as wrappers for adversarial training have it.</summary>
internal static class Normaliser
{
    private const double White = 255;

    private static readonly (string Mean, string Std)[] Names =
    [
        ("new_mean", "new_std"),
        ("pixel_mean", "pixel_std"),
        ("mean", "std"),
        ("mu", "sigma"),
        ("mu", "std"),
    ];

    /// <summary>Mean and deviation of such a layer, found among tensors that the network has no place for; null if there is none.</summary>
    /// <exception cref="IsotopeException">There are several that differ.</exception>
    public static InputOverride? Of(StateDict weights, IReadOnlyList<string> leftOver, string path)
    {
        var found = Names.SelectMany(names => Layers(weights, leftOver, names.Mean, names.Std)).ToArray();
        if (found.Length == 0)
            return null;
        var (mean, std) = found[0];
        if (found.Any(other => !other.Mean.SequenceEqual(mean) || !other.Std.SequenceEqual(std)))
            throw new IsotopeException($"{path}: expected one normalisation of the input, found {found.Length} that differ");
        return new InputOverride { Mean = mean, Std = std };
    }

    private static IEnumerable<(double[] Mean, double[] Std)> Layers(
        StateDict weights,
        IReadOnlyList<string> leftOver,
        string mean,
        string std
    )
    {
        foreach (var name in leftOver.Where(name => $".{name}".EndsWith($".{mean}", StringComparison.Ordinal)))
        {
            if (Numbers(weights, name) is not { } means || Numbers(weights, name[..^mean.Length] + std) is not { } deviations)
                continue;
            // In grey levels, as the layer's own input then is.
            var scale = means.Concat(deviations).Any(value => value > 1) ? White : 1;
            if (means.All(value => value >= 0 && value <= scale) && deviations.All(value => value > 0 && value <= scale))
                yield return (Scaled(means, scale), Scaled(deviations, scale));
        }
    }

    /// <summary>Three numbers, as people state them: to six digits, since the file has them in single precision.</summary>
    private static double[] Scaled(double[] values, double scale) => [.. values.Select(value => Math.Round(value / scale, 6))];

    private static double[]? Numbers(StateDict weights, string name)
    {
        using var scope = NewDisposeScope();
        return weights.TryGet(name, out var tensor) && tensor.numel() is 1 or 3
            ? [.. tensor.to(float64).flatten().expand(3).contiguous().data<double>().ToArray()]
            : null;
    }
}
