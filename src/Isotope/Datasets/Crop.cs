using Isotope.Numerics;

namespace Isotope.Datasets;

/// <summary>How a training view of an image is drawn (θ of paper §3.3).</summary>
public enum Augmentation
{
    /// <summary>The centre crop that evaluation uses too (θ₀): nothing random.</summary>
    Centre,

    /// <summary>A full-size square shifted by up to an eighth of its side over a black border, and a flip: small images.</summary>
    Shift,

    /// <summary>A square of 8 to 100 % of the area and an aspect ratio of 3/4 to 4/3, resized, and a flip: large images.</summary>
    Resized,
}

/// <summary>A region of an image in its pixels, mirrored or not. It may hang over the border, where black is seen.</summary>
public readonly record struct Crop(int Left, int Top, int Width, int Height, bool Flip)
{
    private const double MinArea = 0.08;
    private const double MaxLogRatio = 0.28768207245178085; // ln(4/3)
    private const int ShiftDivisor = 8;
    private const int Attempts = 10;

    /// <summary>The centred square whose side is <paramref name="ratio"/> of the image's shorter side.</summary>
    public static Crop Centre(int width, int height, double ratio)
    {
        var side = Math.Max(1, (int)Math.Round(Math.Min(width, height) * ratio));
        return new Crop((width - side) / 2, (height - side) / 2, side, side, Flip: false);
    }

    /// <summary>
    /// Draws a view of a kind; <paramref name="centreRatio"/> is that of <see cref="Centre"/>, <paramref name="leastArea"/> that of
    /// <see cref="Augmentation.Resized"/>.
    /// </summary>
    public static Crop Draw(
        Augmentation augmentation,
        int width,
        int height,
        double centreRatio,
        RandomStream random,
        double leastArea = MinArea
    ) =>
        augmentation switch
        {
            Augmentation.Centre => Centre(width, height, centreRatio),
            Augmentation.Shift => DrawShift(width, height, random),
            _ => DrawResized(width, height, random, leastArea),
        };

    private static Crop DrawShift(int width, int height, RandomStream random)
    {
        var side = Math.Min(width, height);
        var border = side / ShiftDivisor;
        var left = random.Next(width - side + 2 * border + 1) - border;
        var top = random.Next(height - side + 2 * border + 1) - border;
        return new Crop(left, top, side, side, random.NextBool());
    }

    private static Crop DrawResized(int width, int height, RandomStream random, double leastArea)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var area = random.NextDouble(leastArea, 1) * width * height;
            var ratio = Math.Exp(random.NextDouble(-MaxLogRatio, MaxLogRatio));
            var (w, h) = ((int)Math.Round(Math.Sqrt(area * ratio)), (int)Math.Round(Math.Sqrt(area / ratio)));
            if (w >= 1 && w <= width && h >= 1 && h <= height)
                return new Crop(random.Next(width - w + 1), random.Next(height - h + 1), w, h, random.NextBool());
        }

        return Centre(width, height, 1) with
        {
            Flip = random.NextBool(),
        };
    }
}
