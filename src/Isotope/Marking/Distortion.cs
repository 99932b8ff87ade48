using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Marking;

/// <summary>What marks shall survive between publishing and training.</summary>
[Flags]
public enum Distortions
{
    /// <summary>Nothing: images are trained on as they were published.</summary>
    None = 0,

    /// <summary>JPEG of quality 75 to 95.</summary>
    Jpeg = 1,

    /// <summary>A reduction to half the size or more.</summary>
    Resize = 2,
}

/// <summary>Draws what happens to an image in the wild, as functions that have gradients.</summary>
internal static class Distortion
{
    private const int LowestQuality = 75;
    private const int HighestQuality = 95;
    private const double SmallestScale = 0.5;

    /// <summary>
    /// A region C × H × W of an image after each of the distortions with probability ½: reduced and enlarged again, then JPEG.
    /// </summary>
    /// <param name="image">The region; differentiable.</param>
    /// <param name="distortions">Which may happen to it.</param>
    /// <param name="corner">Its left and top in the image, where JPEG's blocks begin.</param>
    /// <param name="random">Of the image.</param>
    public static Tensor Draw(Tensor image, Distortions distortions, (int Left, int Top) corner, RandomStream random)
    {
        using var scope = NewDisposeScope();
        var distorted = image.alias();
        if (distortions.HasFlag(Distortions.Resize) && random.NextBool())
            distorted = Reduce(distorted, random.NextDouble(SmallestScale, 1));
        if (distortions.HasFlag(Distortions.Jpeg) && random.NextBool())
            distorted = SimulatedJpeg.Of(distorted, LowestQuality + random.Next(HighestQuality - LowestQuality + 1), corner);
        return distorted.MoveToOuterDisposeScope();
    }

    /// <summary>What is left of an image that was reduced by a factor, in its own size.</summary>
    public static Tensor Reduce(Tensor image, double scale)
    {
        using var scope = NewDisposeScope();
        var (height, width) = (image.shape[1], image.shape[2]);
        var small = Resize(image.unsqueeze(0), [Scaled(height), Scaled(width)]);
        return Resize(small, [height, width]).squeeze(0).MoveToOuterDisposeScope();

        long Scaled(long side) => Math.Max(1, (long)Math.Round(side * scale));
    }

    private static Tensor Resize(Tensor image, long[] size) =>
        nn.functional.interpolate(image, size, mode: InterpolationMode.Bilinear, align_corners: false, antialias: true);
}
