using static TorchSharp.torch;

namespace Isotope.Networks;

/// <summary>What a network takes: square RGB views in grey levels 0…255, which it normalises itself.</summary>
public sealed record InputSpec
{
    /// <summary>
    /// Views larger than this are refused: 16 of them, the fewest that a network is asked about, would take tens of gigabytes.
    /// </summary>
    internal const int LargestSize = 1024;

    /// <summary>Side of the square view, pixels.</summary>
    public required int Size { get; init; }

    /// <summary>Side of the evaluation crop over the image's shorter side: 224/256 for ImageNet networks, 1 for small images.</summary>
    public double CentreRatio { get; init; } = 1;

    /// <summary>Mean per channel of pixels scaled to 0…1. Default: ImageNet's.</summary>
    public IReadOnlyList<double> Mean { get; init; } = [0.485, 0.456, 0.406];

    /// <summary>Standard deviation per channel of pixels scaled to 0…1. Default: ImageNet's.</summary>
    public IReadOnlyList<double> Std { get; init; } = [0.229, 0.224, 0.225];

    /// <summary>Scale and shift, 1 × 3 × 1 × 1 each, with normalised = scale · pixels + shift.</summary>
    internal (Tensor Scale, Tensor Shift) Normalisation()
    {
        var scale = tensor(Std.Select(std => (float)(1 / (255 * std))).ToArray(), [1, 3, 1, 1]);
        var shift = tensor(Mean.Zip(Std, (mean, std) => (float)(-mean / std)).ToArray(), [1, 3, 1, 1]);
        return (scale, shift);
    }
}
