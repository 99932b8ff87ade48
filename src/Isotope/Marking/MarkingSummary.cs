using Isotope.Datasets;

namespace Isotope.Marking;

/// <summary>Figures of marked images, kept as sums so that those of batches can be added.</summary>
/// <param name="Images">Number of images.</param>
/// <param name="Changed">Number of images in which a pixel changed.</param>
/// <param name="SumPsnr">Sum of the changed images' PSNR, dB.</param>
/// <param name="MaxDifference">Largest change of a pixel, grey levels.</param>
/// <param name="SumDisplacement">Sum of the displacements along the carriers.</param>
public readonly record struct MarkingSummary(int Images, int Changed, double SumPsnr, int MaxDifference, double SumDisplacement)
{
    /// <summary>Mean PSNR of the images that changed, dB; null if none did.</summary>
    public double? MeanPsnr => Changed > 0 ? SumPsnr / Changed : null;

    /// <summary>Mean displacement of the features along the carrier.</summary>
    public double MeanDisplacement => Images > 0 ? SumDisplacement / Images : 0;

    /// <summary>The figures of some images.</summary>
    public static MarkingSummary Of(IEnumerable<MarkedImage> images) =>
        images.Aggregate(default(MarkingSummary), (sum, image) => sum + Of(image));

    /// <summary>The figures of both sets of images.</summary>
    public static MarkingSummary operator +(MarkingSummary left, MarkingSummary right) =>
        new(
            left.Images + right.Images,
            left.Changed + right.Changed,
            left.SumPsnr + right.SumPsnr,
            Math.Max(left.MaxDifference, right.MaxDifference),
            left.SumDisplacement + right.SumDisplacement
        );

    /// <summary>The means, as shown with the progress of marking.</summary>
    public override string ToString() =>
        FormattableString.Invariant($"{MeanPsnr ?? double.PositiveInfinity:F1} dB, displacement {MeanDisplacement:F2}");

    private static MarkingSummary Of(MarkedImage image) =>
        new(1, image.Psnr is null ? 0 : 1, image.Psnr ?? 0, image.MaxDifference, image.Displacement);
}
