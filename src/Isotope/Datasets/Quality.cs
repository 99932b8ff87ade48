namespace Isotope.Datasets;

/// <summary>How far an image is from another.</summary>
/// <param name="Psnr">20·log₁₀ 255 − 10·log₁₀ MSE over all pixels and channels, dB; null where the images are equal.</param>
/// <param name="MaxDifference">Largest difference of a pixel, grey levels.</param>
public readonly record struct Quality(double? Psnr, int MaxDifference)
{
    /// <summary>Root mean square of a change at a PSNR, grey levels.</summary>
    public static double DeviationOf(double psnr) => 255 * Math.Pow(10, -psnr / 20);

    /// <summary>Compares two images of one size; a grey original may have become three equal channels.</summary>
    public static Quality Compare(PixelImage original, PixelImage changed)
    {
        long squares = 0;
        var max = 0;
        for (var i = 0; i < changed.Pixels.Length; i++)
        {
            var difference = Math.Abs(original.Pixels[i * original.Channels / changed.Channels] - changed.Pixels[i]);
            squares += difference * difference;
            max = Math.Max(max, difference);
        }

        double? psnr = squares == 0 ? null : 20 * Math.Log10(255) - 10 * Math.Log10((double)squares / changed.Pixels.Length);
        return new Quality(psnr, max);
    }
}
