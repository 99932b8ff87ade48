using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Marking;

/// <summary>
/// Baseline JPEG with halved chroma as a differentiable function: YCbCr, 8 × 8 cosine transform, quantisation, and back. Rounding passes a
/// coefficient's gradient on unchanged, except for coefficients below ½, which round to zero: the smaller the coefficient, the less of its
/// gradient is passed on. Of the rules tried for these (all, none, linear, squared), the linear one kept most of a mark at qualities 75, 85
/// and 95.
/// </summary>
internal static class SimulatedJpeg
{
    private const int Block = 8;
    private const int Unit = 2 * Block;

    /// <summary>Quantisation of luminance at quality 50, row by row (ITU-T T.81, table K.1).</summary>
    // csharpier-ignore
    private static readonly double[] Luminance =
    [
        16, 11, 10, 16, 24, 40, 51, 61,
        12, 12, 14, 19, 26, 58, 60, 55,
        14, 13, 16, 24, 40, 57, 69, 56,
        14, 17, 22, 29, 51, 87, 80, 62,
        18, 22, 37, 56, 68, 109, 103, 77,
        24, 35, 55, 64, 81, 104, 113, 92,
        49, 64, 78, 87, 103, 121, 120, 101,
        72, 92, 95, 98, 112, 100, 103, 99,
    ];

    /// <summary>Quantisation of chroma at quality 50, row by row (ITU-T T.81, table K.2).</summary>
    // csharpier-ignore
    private static readonly double[] Chroma =
    [
        17, 18, 24, 47, 99, 99, 99, 99,
        18, 21, 26, 66, 99, 99, 99, 99,
        24, 26, 56, 99, 99, 99, 99, 99,
        47, 66, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
    ];

    private static readonly float[] ToYCbCr = [0.299f, 0.587f, 0.114f, -0.168736f, -0.331264f, 0.5f, 0.5f, -0.418688f, -0.081312f];
    private static readonly float[] ToRgb = [1, 0, 1.402f, 1, -0.344136f, -0.714136f, 1, 1.772f, 0];

    /// <summary>An image after compression and decompression, not rounded to integers.</summary>
    /// <param name="image">The image, C × H × W in grey levels, grey or RGB; differentiable.</param>
    /// <param name="quality">1 to 100, on libjpeg's scale.</param>
    /// <param name="corner">The left and top of the image in a larger one, if it is a region of that: blocks begin at multiples of 8 there,
    /// chroma's at multiples of 16.</param>
    public static Tensor Of(Tensor image, int quality, (int Left, int Top) corner = default)
    {
        using var scope = NewDisposeScope();
        var isGrey = image.shape[0] == 1;
        var (height, width) = (image.shape[1], image.shape[2]);
        var (left, top) = (corner.Left % Unit, corner.Top % Unit);
        var border = (left, Missing(left + width), top, Missing(top + height));
        var padded = nn.functional.pad(image.unsqueeze(0), border, mode: TorchSharp.PaddingModes.Replicate).squeeze(0);
        var planes = (isGrey ? padded : Mix(padded, ToYCbCr)) - MiddleGrey(image);
        var decoded = Quantise(planes.narrow(0, 0, 1), Table(Luminance, quality, image.device));
        if (!isGrey)
            decoded = cat([decoded, Halved(planes.narrow(0, 1, 2), Table(Chroma, quality, image.device))]);
        decoded = decoded.Plus(MiddleGrey(image));
        var pixels = isGrey ? decoded : Mix(decoded, ToRgb);
        return pixels.AtLeast(0).AtMost(255).narrow(1, top, height).narrow(2, left, width).MoveToOuterDisposeScope();
    }

    private static Tensor MiddleGrey(Tensor image) =>
        tensor(image.shape[0] == 1 ? [128f] : (float[])[128f, 0, 0], device: image.device).view(-1, 1, 1);

    /// <summary>How much is missing to a multiple of 16.</summary>
    private static long Missing(long size) => (Unit - size % Unit) % Unit;

    private static Tensor Mix(Tensor planes, float[] weights) =>
        tensordot(tensor(weights, [3, 3], device: planes.device), planes, [1], [0]);

    /// <summary>Quantises planes at half the width and height, as JPEG keeps chroma.</summary>
    private static Tensor Halved(Tensor planes, Tensor table)
    {
        var half = Quantise(nn.functional.avg_pool2d(planes.unsqueeze(0), 2).squeeze(0), table);
        return nn
            .functional.interpolate(half.unsqueeze(0), scale_factor: [2, 2], mode: InterpolationMode.Bilinear, align_corners: false)
            .squeeze(0);
    }

    /// <summary>Rounds the coefficients of each block of N × H × W planes to multiples of the table's.</summary>
    private static Tensor Quantise(Tensor planes, Tensor table)
    {
        var cosines = Cosines(planes.device);
        var blocks = planes.view(planes.shape[0], planes.shape[1] / Block, Block, planes.shape[2] / Block, Block).permute(0, 1, 3, 2, 4);
        var coefficients = cosines.matmul(blocks).matmul(cosines.t()) / table;
        var passed = coefficients.detach().abs().Times(2).AtMost(1);
        var kept = coefficients.detach().round().Plus((coefficients - coefficients.detach()) * passed);
        var decoded = cosines.t().matmul(kept * table).matmul(cosines);
        return decoded.permute(0, 1, 3, 2, 4).reshape(planes.shape);
    }

    /// <summary>The orthonormal cosine transform, 8 × 8, one row per frequency.</summary>
    public static Tensor Cosines(Device device)
    {
        var values = new float[Block * Block];
        for (var frequency = 0; frequency < Block; frequency++)
        for (var x = 0; x < Block; x++)
        {
            var scale = Math.Sqrt((frequency == 0 ? 1.0 : 2.0) / Block);
            values[frequency * Block + x] = (float)(scale * Math.Cos((2 * x + 1) * frequency * Math.PI / (2 * Block)));
        }

        return tensor(values, [Block, Block], device: device);
    }

    /// <summary>A quantisation table for a quality, as libjpeg scales it.</summary>
    private static Tensor Table(double[] atQuality50, int quality, Device device)
    {
        var percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
        float[] steps = [.. atQuality50.Select(step => (float)Math.Clamp(Math.Floor((step * percent + 50) / 100), 1, 255))];
        return tensor(steps, [Block, Block], device: device);
    }
}
