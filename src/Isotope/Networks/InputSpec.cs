using static TorchSharp.torch;

namespace Isotope.Networks;

/// <summary>What a network takes: square RGB views in grey levels 0…255, which it normalises itself.</summary>
public sealed record InputSpec
{
    /// <summary>Larger views are refused: the smallest batch, 16 of them, would take tens of gigabytes.</summary>
    internal const int LargestSize = 1024;

    /// <summary>Side of the square view, pixels.</summary>
    public required int Size { get; init; }

    /// <summary>
    /// Side of the evaluation crop divided by the image's shorter side: 224/256 for ImageNet networks, 1 for small images.
    /// </summary>
    public double CentreRatio { get; init; } = 1;

    /// <summary>Mean of each channel, of pixels scaled to 0…1. Default: ImageNet's.</summary>
    public IReadOnlyList<double> Mean { get; init; } = [0.485, 0.456, 0.406];

    /// <summary>Standard deviation of each channel, of pixels scaled to 0…1. Default: ImageNet's.</summary>
    public IReadOnlyList<double> Std { get; init; } = [0.229, 0.224, 0.225];

    /// <summary>Whether a deserialised value can be used.</summary>
    internal bool IsValid() =>
        this is { Size: > 0 and <= LargestSize, CentreRatio: > 0 and <= 1, Mean.Count: 3, Std.Count: 3 } && Std.All(std => std > 0);

    /// <summary>Scale and shift, each 1 × 3 × 1 × 1, such that normalised = scale · pixels + shift.</summary>
    internal (Tensor Scale, Tensor Shift) Normalisation()
    {
        var scale = tensor(Std.Select(std => (float)(1 / (255 * std))).ToArray(), [1, 3, 1, 1]);
        var shift = tensor(Mean.Zip(Std, (mean, std) => (float)(-mean / std)).ToArray(), [1, 3, 1, 1]);
        return (scale, shift);
    }
}
