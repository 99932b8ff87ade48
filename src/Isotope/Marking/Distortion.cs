using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Marking;

/// <summary>Distortions that a mark must survive between publishing and training.</summary>
[Flags]
public enum Distortions
{
    /// <summary>None: images are trained on as they were published.</summary>
    None = 0,

    /// <summary>JPEG compression of quality 75 to 95.</summary>
    Jpeg = 1,

    /// <summary>A reduction to between half and all of the size.</summary>
    Resize = 2,
}

/// <summary>Random distortions as they happen to published images, as differentiable functions.</summary>
internal static class Distortion
{
    private const int LowestQuality = 75;
    private const int HighestQuality = 95;
    private const double SmallestScale = 0.5;

    /// <summary>
    /// Applies each of the distortions to a C × H × W region of an image with probability ½: first a reduction and enlargement, then JPEG.
    /// </summary>
    /// <param name="image">The region; differentiable.</param>
    /// <param name="distortions">The distortions that may be applied.</param>
    /// <param name="corner">The region's left and top in the image, on which the position of JPEG's blocks depends.</param>
    /// <param name="random">The image's random stream.</param>
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

    /// <summary>Reduces an image by a factor and enlarges it to its own size again.</summary>
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
