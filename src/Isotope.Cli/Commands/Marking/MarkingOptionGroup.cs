using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Marking;

namespace Isotope.Cli.Commands.Marking;

/// <summary>How images are marked: for <c>mark</c>, and for <c>power</c>, which predicts what a test will find.</summary>
internal sealed class MarkingOptionGroup : OptionGroup
{
    private static readonly MarkingOptions Defaults = new();

    private readonly Option<int> radius = new("--radius")
    {
        Description = "Largest change of a pixel, grey levels of 255",
        DefaultValueFactory = _ => Defaults.Radius,
    };
    private readonly Option<double?> psnr = new("--psnr")
    {
        Description = "Quality that every image reaches, dB; default: 42, which is invisible, or none with --rate",
    };
    private readonly Option<int> iterations = new("--iterations")
    {
        Description = "Gradient steps per image",
        DefaultValueFactory = _ => Defaults.Iterations,
    };
    private readonly Option<double?> rate = new("--rate")
    {
        Description =
            "Step rate in normalised units, instead of --psnr, for --format png, webp or npy; only the radius limits changes then",
    };
    private readonly Option<double> pixelPenalty = new("--pixel-penalty")
    {
        Description = "Weight of the squared pixel distance (λ₁)",
        DefaultValueFactory = _ => Defaults.PixelPenalty,
    };
    private readonly Option<double> featurePenalty = new("--feature-penalty")
    {
        Description = "Weight of the feature distance (λ₂)",
        DefaultValueFactory = _ => Defaults.FeaturePenalty,
    };
    private readonly AugmentOption augment = new("Views the mark must survive");
    private readonly RobustOption robust = new();
    private readonly Option<bool> mask = new("--perceptual-mask")
    {
        Description = "Change texture rather than smooth areas, where a change is seen; at the same PSNR features move less",
    };

    public override IReadOnlyList<Option> Options => [radius, psnr, iterations, rate, pixelPenalty, featurePenalty, augment, robust, mask];

    /// <exception cref="IsotopeException">A value is out of range.</exception>
    public MarkingOptions Read(ParseResult parsed)
    {
        var options = new MarkingOptions
        {
            Radius = parsed.GetValue(radius),
            Psnr = parsed.GetValue(psnr) ?? (parsed.GetValue(rate) is null ? Defaults.Psnr : null),
            Iterations = parsed.GetValue(iterations),
            Rate = parsed.GetValue(rate),
            PixelPenalty = parsed.GetValue(pixelPenalty),
            FeaturePenalty = parsed.GetValue(featurePenalty),
            Augmentation = augment.Read(parsed),
            Robust = robust.Read(parsed),
            PerceptualMask = parsed.GetValue(mask),
        };
        options.Validate();
        return options;
    }
}
