using Isotope.Datasets;
using Isotope.Networks;
using static TorchSharp.torch;

namespace Isotope.Marking;

/// <summary>One image on its way to being radioactive: where it is, where it may go, and how far a gradient moves it.</summary>
internal sealed class ImageInProgress
{
    /// <summary>Steps of fixed length reach this many times the ball's radius in all, so that they can also turn inside it.</summary>
    private const double Reach = 3;
    private const double Tiny = 1e-12;
    private readonly MarkingOptions options;
    private readonly RandomStream random;
    private readonly double centreRatio;
    private readonly Tensor original;
    private readonly Tensor squaredScale;
    private readonly PixelBall ball;
    private readonly Tensor? squaredMask;
    private readonly Tensor rate;
    private bool rateIsSet;

    /// <param name="original">Vanilla image, C × H × W, integers 0…255 as floats.</param>
    /// <param name="network">Gives scale and centre crop.</param>
    /// <param name="options">Step rule and ball.</param>
    /// <param name="random">From which the views are drawn.</param>
    public ImageInProgress(Tensor original, Network network, MarkingOptions options, RandomStream random)
    {
        (this.original, this.options, this.random, centreRatio) = (original, options, random, network.Input.CentreRatio);
        squaredScale = network.GreyLevelsPerUnit(original.shape[0]).square();
        ball = new PixelBall(original, options.Radius, options.Psnr);
        squaredMask = options.PerceptualMask ? PerceptualMask.Of(original).square() : null;
        Pixels = original.clone();
        rate = tensor((float)(options.Rate ?? 0), device: original.device);
        rateIsSet = options.Rate is not null;
    }

    /// <summary>The image so far, C × H × W.</summary>
    public Tensor Pixels { get; }

    /// <summary>The image as a training set may hold it, by the next random distortion; differentiable.</summary>
    /// <param name="pixels">The image so far.</param>
    public Tensor Distort(Tensor pixels) => options.Robust == Distortions.None ? pixels : Distortion.Draw(pixels, options.Robust, random);

    /// <summary>The next random view θ.</summary>
    public Crop DrawView() => Crop.Draw(options.Augmentation, (int)original.shape[2], (int)original.shape[1], centreRatio, random);

    /// <summary>A gradient step, projected, and rounded where asked for.</summary>
    /// <param name="featureGradient">Gradient in the pixels of the objective's feature terms; that of the pixel distance is added here.</param>
    /// <param name="round">Whether to round to integers.</param>
    public void Move(Tensor featureGradient, bool round)
    {
        using var scope = NewDisposeScope();

        // In normalised units a gradient is that of the pixels times the scale, and a step of the pixels is the scale times it.
        var direction = featureGradient * squaredScale + 2 * options.PixelPenalty * (Pixels - original);
        if (squaredMask is not null) direction *= squaredMask; // steepest descent where a change counts in units of the mask
        var projected = ball.Project(Pixels - Step(direction));
        Pixels.copy_(round ? projected.round_() : projected);
    }

    /// <summary>The radioactive image: integers inside the ball.</summary>
    public Tensor Finish() => ball.RoundInside(Pixels);

    /// <summary>With a wanted PSNR steps have a fixed length; else a constant rate, given or set by the first gradient.</summary>
    private Tensor Step(Tensor direction)
    {
        var length = direction.norm().clamp_min(Tiny);
        if (ball.Distance is { } distance) return direction * (Reach * distance / options.Iterations / length);
        if (!rateIsSet) rate.copy_(options.FirstStep * Math.Sqrt(direction.numel()) / length);
        rateIsSet = true;
        return direction * rate;
    }
}
