using System.Globalization;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Networks;

/// <summary>What a network takes: square views in grey levels 0…255, red, green and blue, which it normalises itself.</summary>
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

    /// <summary>Mean of red, green and blue, of pixels scaled to 0…1. Default: ImageNet's.</summary>
    public IReadOnlyList<double> Mean { get; init; } = Preprocessing.ImageNet.Mean;

    /// <summary>Standard deviation of red, green and blue, of pixels scaled to 0…1. Default: ImageNet's.</summary>
    public IReadOnlyList<double> Std { get; init; } = Preprocessing.ImageNet.Std;

    /// <summary>Order in which the normalised channels are given to the network. Default: red, green, blue.</summary>
    public ChannelOrder Channels { get; init; }

    /// <summary>The same in one line, as <see cref="InputOverride.Parse"/> reads it.</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"size={Size} crop={CentreRatio} {Preprocessing.Describe(Mean, Std)} channels={Channels.ToString().ToLowerInvariant()}"
        );

    /// <summary>Whether both say the same, numbers included; records compare lists by reference.</summary>
    internal bool IsSame(InputSpec other) => ToString() == other.ToString();

    /// <summary>Whether a deserialised value can be used.</summary>
    internal bool IsValid() =>
        this is { Size: > 0 and <= LargestSize, CentreRatio: > 0 and <= 1, Mean.Count: 3, Std.Count: 3 }
        && Enum.IsDefined(Channels)
        && Mean.All(double.IsFinite)
        && Std.All(std => std > 0 && double.IsFinite(std));

    /// <summary>Scale and shift, each 1 × 3 × 1 × 1, such that normalised = scale · pixels + shift.</summary>
    internal (Tensor Scale, Tensor Shift) Normalisation()
    {
        var scale = tensor(Std.Select(std => (float)(1 / (255 * std))).ToArray(), [1, 3, 1, 1]);
        var shift = tensor(Mean.Zip(Std, (mean, std) => (float)(-mean / std)).ToArray(), [1, 3, 1, 1]);
        return (scale, shift);
    }

    /// <summary>Views N × 3 × S × S in grey levels, on the CPU, as the network takes them.</summary>
    internal Tensor Normalised(Tensor views)
    {
        var (scale, shift) = Normalisation();
        return Ordered((views * scale).Plus(shift));
    }

    /// <summary>Views N × 3 × S × S with their channels in the network's order.</summary>
    internal Tensor Ordered(Tensor views) => Channels == ChannelOrder.Bgr ? views.flip(1) : views.alias();
}
