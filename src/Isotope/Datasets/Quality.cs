namespace Isotope.Datasets;

/// <summary>How much a changed image differs from its original.</summary>
/// <param name="Psnr">The PSNR, 20·log₁₀ 255 − 10·log₁₀ MSE over all pixels and channels, dB; null if the images are equal.</param>
/// <param name="MaxDifference">The largest difference of a pixel, grey levels.</param>
internal readonly record struct Quality(double? Psnr, int MaxDifference)
{
    /// <summary>The root mean square, in grey levels, of a change that gives a PSNR.</summary>
    public static double DeviationOf(double psnr) => 255 * Math.Pow(10, -psnr / 20);

    /// <summary>Compares two images of the same size. A grey original may have become three channels.</summary>
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
