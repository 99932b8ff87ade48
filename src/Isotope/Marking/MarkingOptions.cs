using Isotope.Datasets;
using Isotope.Runs;

namespace Isotope.Marking;

/// <summary>How images are marked (paper §3.3). The defaults are for small images; nothing depends on the batch size.</summary>
public sealed record MarkingOptions
{
    /// <summary>L∞ radius R, grey levels. Default 10, the paper's: beyond it single pixels become visible.</summary>
    public int Radius { get; init; } = 10;

    /// <summary>Gradient steps. Default 30: on small networks they reach about 90 % of the objective of the paper's 90.</summary>
    public int Iterations { get; init; } = 30;

    /// <summary>
    /// PSNR that every image reaches and none falls below, dB. Default none: only the radius bounds the change. With it, steps
    /// have lengths that fall linearly and are projected into the L2 ball of that quality; rounding comes at the end alone.
    /// </summary>
    public double? Psnr { get; init; }

    /// <summary>
    /// Step rate in normalised units (the paper's: 1.0 for ImageNet). Default none: each image's rate is such that its
    /// first step moves pixels by <see cref="FirstStep"/> grey levels, so that no network is too flat for it.
    /// </summary>
    public double? Rate { get; init; }

    /// <summary>Root mean square of the first step where no rate is given, grey levels. Default 0.25: ten steps survive rounding.</summary>
    public double FirstStep { get; init; } = 0.25;

    /// <summary>Weight λ₁ of the squared pixel distance, normalised units. Default 0.0005, the paper's.</summary>
    public double PixelPenalty { get; init; } = 0.0005;

    /// <summary>Weight λ₂ of the feature distance. Default 0.01, the paper's.</summary>
    public double FeaturePenalty { get; init; } = 0.01;

    /// <summary>Steps T between roundings to integers where no PSNR is wanted. Default 10, the paper's.</summary>
    public int RoundEvery { get; init; } = 10;

    /// <summary>Views θ over which the mark is optimised. Default: shifts and flips.</summary>
    public Augmentation Augmentation { get; init; } = Augmentation.Shift;

    /// <summary>
    /// Quality of the JPEG that the marked image is stored as: views are taken of what that leaves. Default none: it is stored losslessly.
    /// Datasets take that of <see cref="DatasetMarkingOptions.Encoding"/>.
    /// </summary>
    public int? JpegQuality { get; init; }

    /// <summary>
    /// What the mark shall survive between publishing and training: views are taken of images that were so distorted. Default: nothing.
    /// </summary>
    public Distortions Robust { get; init; }

    /// <summary>
    /// Change texture rather than smooth areas (<see cref="Marking.PerceptualMask"/>), at some cost of displacement. Default false.
    /// </summary>
    public bool PerceptualMask { get; init; }

    /// <summary>
    /// Least area of a resized view, of the image's. Default 0.25, not the 0.08 of training: gradients of tiny views serve few others;
    /// with the same iterations features move 5 % further in the mean over training's views, and 20 % for the centre crop.
    /// </summary>
    public double LeastArea { get; init; } = 0.25;

    /// <summary>Checks ranges.</summary>
    /// <exception cref="IsotopeException">An option is out of range.</exception>
    public void Validate()
    {
        OptionCheck.Require(Radius is >= 1 and <= 255, "--radius", "1 to 255 grey levels", Radius);
        OptionCheck.Require(Iterations is >= 1 and <= 100_000, "--iterations", "at least 1", Iterations);
        OptionCheck.Require(Psnr is null or (>= 20 and <= 60), "--psnr", "20 to 60 dB", Psnr);
        OptionCheck.Require(Rate is null or (> 0 and < 1e6), "--rate", "a positive rate", Rate);
        OptionCheck.Require(Rate is null || Psnr is null, "--rate", "no rate together with --psnr, which sets the step", Rate);
        OptionCheck.Require(FirstStep is > 0 and <= 255, "first step", "a positive number of grey levels", FirstStep);
        OptionCheck.Require(PixelPenalty >= 0, "--pixel-penalty", "at least 0", PixelPenalty);
        OptionCheck.Require(FeaturePenalty >= 0, "--feature-penalty", "at least 0", FeaturePenalty);
        OptionCheck.Require(LeastArea is > 0 and < 1, "least area", "a fraction of the image", LeastArea);
        OptionCheck.Require(JpegQuality is null or (>= 1 and <= 100), "--jpeg-quality", "1 to 100", JpegQuality);
        OptionCheck.Require(RoundEvery >= 1, "round every", "at least 1", RoundEvery);
    }
}
