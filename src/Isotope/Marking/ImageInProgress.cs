using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Marking;

/// <summary>
/// One image on its way to being radioactive: its change so far, where that may go, and how far a gradient moves it. Gradients are of
/// the region that a view has seen, since the rest of the image has none; only the change's length is of the whole.
/// </summary>
internal sealed class ImageInProgress
{
    /// <summary>
    /// With a wanted PSNR steps reach this many times the ball's radius in all: the first half of them, and the last next to nothing.
    /// </summary>
    private const double Reach = 7.5;
    private const double Tiny = 1e-12;
    private readonly MarkingOptions options;
    private readonly RandomStream random;
    private readonly InputSpec input;
    private readonly Tensor original;
    private readonly Tensor change;
    private readonly Tensor squaredScale;
    private readonly PixelBall ball;
    private readonly Tensor? squaredMask;
    private readonly Tensor rate;
    private Crop view;
    private int steps;

    /// <param name="original">Vanilla image, C × H × W, integers 0…255 as floats.</param>
    /// <param name="network">Gives scale and views.</param>
    /// <param name="options">Step rule and ball.</param>
    /// <param name="random">From which the views are drawn.</param>
    public ImageInProgress(Tensor original, Network network, MarkingOptions options, RandomStream random)
    {
        (this.original, this.options, this.random, input) = (original, options, random, network.Input);
        squaredScale = network.GreyLevelsPerUnit(original.shape[0]).Squared();
        ball = new PixelBall(original, options.Radius, options.Psnr);
        squaredMask = options.PerceptualMask ? PerceptualMask.Of(original).Squared() : null;
        change = zeros_like(original);
        rate = tensor((float)(options.Rate ?? 0), device: original.device);
    }

    private int Width => (int)original.shape[2];

    private int Height => (int)original.shape[1];

    /// <summary>Draws the next random view θ: the pixels of its region as they are now, for which a gradient is asked.</summary>
    public Tensor NextRegion()
    {
        view = Crop.Draw(options.Augmentation, Width, Height, input.CentreRatio, random, options.LeastArea);
        return Views.Region(original, view).Plus(Views.Region(change, view)).requires_grad_(true);
    }

    /// <summary>
    /// The view F(θ, x̃) of the region, 3 × S × S, as it will be stored and, where marks shall survive that, distorted. Differentiable.
    /// </summary>
    public Tensor Look(Tensor region)
    {
        using var scope = NewDisposeScope();
        var (seen, corner) = (region, (Math.Max(0, view.Left), Math.Max(0, view.Top)));
        if (options.JpegQuality is { } quality)
            seen = SimulatedJpeg.Of(seen, quality, corner);
        if (options.Robust != Distortions.None)
            seen = Distortion.Draw(seen, options.Robust, corner, random);
        return Views.OfRegion(seen, Width, Height, view, input.Size).expand(3, input.Size, input.Size).MoveToOuterDisposeScope();
    }

    /// <summary>A gradient step, projected, and rounded every T steps.</summary>
    /// <param name="gradient">Gradient of the objective's feature terms in the region's pixels, used up; that of the pixel distance is
    /// added here.</param>
    public void Move(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var seen = Views.Region(change, view);

        // In normalised units a gradient is that of the pixels times the scale, and a step of the pixels is the scale times it.
        gradient.mul_(squaredScale);
        if (squaredMask is not null)
            gradient.mul_(Views.Region(squaredMask, view)); // steepest descent where a change counts in units of the mask
        SetRate(gradient);
        change.mul_(rate.Times(2 * options.PixelPenalty).From(1).AtLeast(0));
        seen.sub_(gradient.mul_(rate));
        ball.Clip(seen, Views.Region(original, view));
        ball.Shrink(change);
        if (++steps % options.RoundEvery == 0 && ball.Distance is null)
            change.round_();
    }

    /// <summary>The radioactive image: integers inside the ball.</summary>
    public Tensor Finish()
    {
        using var scope = NewDisposeScope();
        return original.Plus(ball.RoundInside(change)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// With a wanted PSNR steps have lengths that fall linearly; else a constant rate, given or set by the first gradient.
    /// </summary>
    private void SetRate(Tensor gradient)
    {
        if (ball.Distance is { } distance)
            SetLength(2 * Reach * distance * (options.Iterations - steps - 0.5) / Math.Pow(options.Iterations, 2), gradient);
        else if (options.Rate is null && steps == 0)
            SetLength(options.FirstStep * Math.Sqrt(original.numel()), gradient);
    }

    private void SetLength(double length, Tensor gradient) =>
        rate.copy_(PixelBall.Length(gradient).AtLeast(Tiny).reciprocal().Times(length));
}
