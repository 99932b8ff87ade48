using Isotope.Numerics;

namespace Isotope.Datasets;

/// <summary>How a training view of an image is drawn (θ of paper §3.3).</summary>
public enum Augmentation
{
    /// <summary>The centre crop (θ₀), as for evaluation: nothing is random.</summary>
    Centre,

    /// <summary>
    /// For small images: a square of the image's shorter side, shifted by up to an eighth of it beyond the border, which is black, and
    /// flipped or not.
    /// </summary>
    Shift,

    /// <summary>
    /// For large images: a region of 8 to 100 % of the area and an aspect ratio of 3/4 to 4/3, resized to a square, and flipped or not.
    /// </summary>
    Resized,
}

/// <summary>A region of an image, mirrored or not. It may extend beyond the image's border, where it is black.</summary>
/// <param name="Left">Its first column in the image; negative beyond the border.</param>
/// <param name="Top">Its first row in the image; negative beyond the border.</param>
/// <param name="Width">Its width in pixels of the image.</param>
/// <param name="Height">Its height in pixels of the image.</param>
/// <param name="Flip">Whether it is mirrored left to right.</param>
internal readonly record struct Crop(int Left, int Top, int Width, int Height, bool Flip)
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

    /// <summary>Draws a random view of an image.</summary>
    /// <param name="augmentation">How it is drawn.</param>
    /// <param name="width">The image's width.</param>
    /// <param name="height">The image's height.</param>
    /// <param name="centreRatio">The ratio of the centre crop; used only by <see cref="Augmentation.Centre"/>.</param>
    /// <param name="random">The random stream that it is drawn from.</param>
    /// <param name="leastArea">The least area, as a fraction of the image; used only by <see cref="Augmentation.Resized"/>.</param>
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
            var w = (int)Math.Round(Math.Sqrt(area * ratio));
            var h = (int)Math.Round(Math.Sqrt(area / ratio));
            if (w >= 1 && w <= width && h >= 1 && h <= height)
                return new Crop(random.Next(width - w + 1), random.Next(height - h + 1), w, h, random.NextBool());
        }

        return Centre(width, height, 1) with
        {
            Flip = random.NextBool(),
        };
    }
}
