using Isotope.Runs;

namespace Isotope.Networks;

/// <summary>Input size and normalisation that replace a file's own. ONNX and TorchScript files state no normalisation.</summary>
public sealed record InputOverride
{
    /// <summary>From this size on, a network counts as an ImageNet one, evaluated on the central 224 of 256 pixels.</summary>
    private const int LargeSize = 160;

    /// <summary>Side of the square view, pixels. Default: the file's.</summary>
    public int? Size { get; init; }

    /// <summary>Mean of each channel, of pixels scaled to 0…1. Default: the file's or architecture's, else ImageNet's.</summary>
    public IReadOnlyList<double>? Mean { get; init; }

    /// <summary>Standard deviation of each channel, of pixels scaled to 0…1. Default: as for <see cref="Mean"/>.</summary>
    public IReadOnlyList<double>? Std { get; init; }

    /// <summary>Checks ranges.</summary>
    /// <exception cref="IsotopeException">A value is out of range.</exception>
    public void Validate()
    {
        OptionCheck.Require(
            Size is null or (>= 8 and <= InputSpec.LargestSize),
            "--tested-size",
            $"8 to {InputSpec.LargestSize} pixels",
            Size
        );
        if (Mean is not (null or { Count: 3 }) || Mean?.All(double.IsFinite) is false)
            throw new IsotopeException("--tested-mean: expected three numbers, red, green and blue, of pixels scaled to 0…1");
        if (Std is not (null or { Count: 3 }) || Std?.All(std => double.IsFinite(std) && std > 0) is false)
            throw new IsotopeException("--tested-std: expected three positive numbers, red, green and blue, of pixels scaled to 0…1");
    }

    /// <summary>The input with these values in place of its own.</summary>
    internal InputSpec Apply(InputSpec input) =>
        input with
        {
            Size = Size ?? input.Size,
            Mean = Mean ?? input.Mean,
            Std = Std ?? input.Std,
        };

    /// <summary>The input of a file that states at most its size.</summary>
    internal static InputSpec ForFile(InputOverride? overrides, int size)
    {
        InputSpec input = new() { Size = size, CentreRatio = size >= LargeSize ? 224.0 / 256 : 1 };
        return overrides?.Apply(input) ?? input;
    }
}
