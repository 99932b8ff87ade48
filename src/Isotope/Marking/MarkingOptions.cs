using Isotope.Datasets;
using Isotope.Runs;

namespace Isotope.Marking;

/// <summary>How an image is marked (paper §3.3). The defaults suit small images.</summary>
public sealed record MarkingOptions
{
    /// <summary>L∞ radius R: the most that a pixel may change, grey levels. Default 10, as in the paper: more becomes visible.</summary>
    public int Radius { get; init; } = 10;

    /// <summary>Number of gradient steps. Default 30: on small networks they reach about 90 % of what the paper's 90 steps reach.</summary>
    public int Iterations { get; init; } = 30;

    /// <summary>
    /// The PSNR of every marked image, dB: none falls below it, and each comes close to it. Default 42, which is invisible. Step lengths
    /// fall linearly, changes are projected into the L2 ball of that quality, and are rounded only at the end. With none, only the radius
    /// limits the change.
    /// </summary>
    public double? Psnr { get; init; } = 42;

    /// <summary>
    /// Step rate in normalised units, without a PSNR; the paper has 1.0 for ImageNet. Default none: each image then gets the rate with
    /// which its first step moves pixels by <see cref="FirstStep"/> grey levels, however small the network's gradients are.
    /// </summary>
    public double? Rate { get; init; }

    /// <summary>
    /// Root mean square of the first step, grey levels, if neither a rate nor a PSNR is given. Default 0.25: ten steps survive rounding.
    /// </summary>
    public double FirstStep { get; init; } = 0.25;

    /// <summary>Weight λ₁ of the squared pixel distance, in normalised units. Default 0.0005, as in the paper.</summary>
    public double PixelPenalty { get; init; } = 0.0005;

    /// <summary>Weight λ₂ of the feature distance. Default 0.01, as in the paper.</summary>
    public double FeaturePenalty { get; init; } = 0.01;

    /// <summary>Number of steps T between roundings to integers if no PSNR is given. Default 10, as in the paper.</summary>
    public int RoundEvery { get; init; } = 10;

    /// <summary>The random views θ over which the mark is optimised. Default: shifts and flips.</summary>
    public Augmentation Augmentation { get; init; } = Augmentation.Shift;

    /// <summary>
    /// The JPEG quality with which the marked image will be stored: views then show what the compression leaves. Default none: the image is
    /// stored losslessly. When a dataset is marked, <see cref="DatasetMarkingOptions.Encoding"/> decides.
    /// </summary>
    public int? JpegQuality { get; init; }

    /// <summary>
    /// What the mark must survive between publishing and training: views show images distorted in this way. Default: nothing.
    /// </summary>
    public Distortions Robust { get; init; }

    /// <summary>
    /// Changes textured areas more than smooth ones, where changes are easier to see; this costs some displacement. Default false.
    /// </summary>
    public bool PerceptualMask { get; init; }

    /// <summary>
    /// The least area of a view with <see cref="Augmentation.Resized"/>, as a fraction of the image. Default 0.25, not the 0.08 of
    /// training: gradients of tiny views help few other views. With as many iterations, features move 5 % further on average over
    /// training's views, and 20 % further for the centre crop.
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
