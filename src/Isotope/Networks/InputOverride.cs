using System.Globalization;
using Isotope.Runs;

namespace Isotope.Networks;

/// <summary>What a network takes, as its user states it; what is left out stays as the file or architecture has it.</summary>
public sealed record InputOverride
{
    /// <summary>How the command line's help and errors describe the words of <see cref="Parse"/>.</summary>
    internal const string Words = "size=N, crop=RATIO, norm=NAME or mean=R,G,B and std=R,G,B, range=1|255, channels=rgb|bgr";

    /// <summary>From this size on, a network counts as an ImageNet one, evaluated on the central 224 of 256 pixels.</summary>
    private const int LargeSize = 160;
    private const double GreyLevels = 255;

    /// <summary>Side of the square view, pixels. Default: the file's.</summary>
    public int? Size { get; init; }

    /// <summary>
    /// Side of the evaluation crop divided by the image's shorter side. Default: 1, the whole image, where <see cref="Size"/> is given;
    /// else the file's or architecture's.
    /// </summary>
    public double? CentreRatio { get; init; }

    /// <summary>
    /// Mean of red, green and blue, of pixels scaled to 0…1. Default: the file's or architecture's, else ImageNet's.
    /// </summary>
    public IReadOnlyList<double>? Mean { get; init; }

    /// <summary>Standard deviation of red, green and blue, of pixels scaled to 0…1. Default: as for <see cref="Mean"/>.</summary>
    public IReadOnlyList<double>? Std { get; init; }

    /// <summary>Order of the channels. Default: the file's, else red, green, blue.</summary>
    public ChannelOrder? Channels { get; init; }

    /// <summary>Whether nothing is stated.</summary>
    internal bool IsEmpty => this is { Size: null, CentreRatio: null, Mean: null, Std: null, Channels: null };

    /// <summary>All of an input, stated.</summary>
    internal static InputOverride Of(InputSpec input) =>
        new()
        {
            Size = input.Size,
            CentreRatio = input.CentreRatio,
            Mean = input.Mean,
            Std = input.Std,
            Channels = input.Channels,
        };

    /// <summary>
    /// Reads words such as <c>size=32 norm=cifar10 channels=bgr</c>. <c>norm</c> names a mean and standard deviation; <c>range=255</c> says
    /// that those given by number are in grey levels, 0…255.
    /// </summary>
    /// <exception cref="IsotopeException">A word is not understood, or a value is out of range.</exception>
    public static InputOverride Parse(string text)
    {
        InputOverride input = new();
        var range = 1.0;
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = word.Split('=', 2) is [var before, var after] ? (before, after) : (word, "");
            switch (name)
            {
                case "size":
                    input = input with { Size = int.TryParse(value, CultureInfo.InvariantCulture, out var size) ? size : 0 };
                    break;
                case "crop":
                    input = input with { CentreRatio = Ratio(value) };
                    break;
                case "norm":
                    var known = Preprocessing.Find(value);
                    input = input with { Mean = known.Mean, Std = known.Std };
                    break;
                case "mean":
                    input = input with { Mean = Numbers(value) };
                    break;
                case "std":
                    input = input with { Std = Numbers(value) };
                    break;
                case "range" when value is "1" or "255":
                    range = Number(value);
                    break;
                case "channels" when value is "rgb" or "bgr":
                    input = input with { Channels = value == "bgr" ? ChannelOrder.Bgr : ChannelOrder.Rgb };
                    break;
                default:
                    throw new IsotopeException($"'{word}': expected {Words}");
            }
        }

        if (range == GreyLevels)
            input = input.InGreyLevels(text);
        input.Validate();
        return input;
    }

    /// <summary>Checks ranges.</summary>
    /// <exception cref="IsotopeException">A value is out of range.</exception>
    public void Validate()
    {
        OptionCheck.Require(Size is null or (>= 8 and <= InputSpec.LargestSize), "size", $"8 to {InputSpec.LargestSize} pixels", Size);
        OptionCheck.Require(CentreRatio is null or (> 0 and <= 1), "crop", "more than 0 and at most 1", CentreRatio);
        if (Mean is not (null or { Count: 3 }) || Mean?.All(double.IsFinite) is false)
            throw new IsotopeException("mean: expected three numbers, red, green and blue, of pixels scaled to 0…1");
        if (Std is not (null or { Count: 3 }) || Std?.All(std => double.IsFinite(std) && std > 0) is false)
            throw new IsotopeException("std: expected three positive numbers, red, green and blue, of pixels scaled to 0…1");
    }

    /// <summary>The input with these values in place of its own.</summary>
    internal InputSpec Apply(InputSpec input) =>
        input with
        {
            Size = Size ?? input.Size,
            CentreRatio = CentreRatio ?? (Size is null ? input.CentreRatio : 1),
            Mean = Mean ?? input.Mean,
            Std = Std ?? input.Std,
            Channels = Channels ?? input.Channels,
        };

    /// <summary>The input of a file that states at most its size.</summary>
    internal static InputSpec ForFile(InputOverride? overrides, int size)
    {
        InputSpec input = new() { Size = size, CentreRatio = size >= LargeSize ? 224.0 / 256 : 1 };
        return overrides?.Apply(input) ?? input;
    }

    /// <summary>Mean and deviation given in grey levels; without a deviation, pixels are not scaled.</summary>
    private InputOverride InGreyLevels(string text)
    {
        if (text.Contains("norm=", StringComparison.Ordinal))
            throw new IsotopeException($"'{text}': range=255 goes with mean and std by number; norm=NAME says the range by itself");
        return this with
        {
            Mean = [.. (Mean ?? [0, 0, 0]).Select(mean => mean / GreyLevels)],
            Std = [.. (Std ?? [1, 1, 1]).Select(std => std / GreyLevels)],
        };
    }

    /// <summary>A ratio as 0.875 or 224/256.</summary>
    private static double Ratio(string text) => text.Split('/') is [var above, var below] ? Number(above) / Number(below) : Number(text);

    /// <summary>Three numbers, or one for all channels.</summary>
    private static double[] Numbers(string text)
    {
        double[] numbers = [.. text.Split(',').Select(Number)];
        return numbers is [var all] ? [all, all, all] : numbers;
    }

    private static double Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;
}
