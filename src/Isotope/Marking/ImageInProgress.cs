using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Marking;

/// <summary>
/// An image that is being marked: its change so far, the limits of that change, and the size of its steps. Gradients cover only the region
/// that a view shows, since they are zero elsewhere; only the length of the change concerns the whole image.
/// </summary>
internal sealed class ImageInProgress
{
    /// <summary>
    /// With a PSNR, the lengths of all steps add up to this many times the ball's radius. They fall linearly, the last one to nearly
    /// nothing.
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
    private readonly JpegChange? jpeg;
    private Crop view;
    private int steps;

    /// <param name="original">The vanilla image, C × H × W, integers 0…255 as floats.</param>
    /// <param name="network">The marking network, which decides the scale of pixels and the size of views.</param>
    /// <param name="options">How the image is marked.</param>
    /// <param name="random">The image's random stream, from which views are drawn.</param>
    /// <param name="jpeg">The change of an image that stays a JPEG; null if pixels may change freely.</param>
    public ImageInProgress(Tensor original, Network network, MarkingOptions options, RandomStream random, JpegChange? jpeg = null)
    {
        this.jpeg = jpeg;
        this.original = original;
        this.options = options;
        this.random = random;
        input = network.Input;
        squaredScale = network.GreyLevelsPerUnit(original.shape[0]).Squared();
        ball = new PixelBall(original, options.Radius, options.Psnr);
        squaredMask = options.PerceptualMask ? PerceptualMask.Of(original).Squared() : null;
        change = zeros_like(original);
        rate = tensor((float)(options.Rate ?? 0), device: original.device);
    }

    private int Width => (int)original.shape[2];

    private int Height => (int)original.shape[1];

    /// <summary>
    /// Draws the next random view θ and returns what changes as a tensor that asks for a gradient: the current pixels of its region, or a
    /// JPEG's steps.
    /// </summary>
    public Tensor NextRegion()
    {
        view = Crop.Draw(options.Augmentation, Width, Height, input.CentreRatio, random, options.LeastArea);
        if (jpeg is not null)
            return jpeg.Steps();
        return Views.Region(original, view).Plus(Views.Region(change, view)).requires_grad_(true);
    }

    /// <summary>
    /// The view F(θ, x̃) of the region, 3 × S × S, as it will be stored and, if the mark must survive distortions, distorted.
    /// Differentiable.
    /// </summary>
    public Tensor Look(Tensor region)
    {
        using var scope = NewDisposeScope();
        var corner = (Math.Max(0, view.Left), Math.Max(0, view.Top));
        var seen = jpeg is null ? region : Views.Region(jpeg.Pixels(region), view);
        if (options.JpegQuality is { } quality)
            seen = SimulatedJpeg.Of(seen, quality, corner);
        if (options.Robust != Distortions.None)
            seen = Distortion.Draw(seen, options.Robust, corner, random);
        return Views.OfRegion(seen, Width, Height, view, input.Size).expand(3, input.Size, input.Size).MoveToOuterDisposeScope();
    }

    /// <summary>Takes a gradient step, projects the change, and rounds it every T steps.</summary>
    /// <param name="gradient">The gradient of the objective's feature terms with respect to the region's pixels, or a JPEG's steps;
    /// overwritten. The gradient of the pixel distance is added here.</param>
    public void Move(Tensor gradient)
    {
        if (jpeg is not null)
        {
            jpeg.Move(gradient, steps++, options.Iterations);
            return;
        }

        using var scope = NewDisposeScope();
        var seen = Views.Region(change, view);

        // A gradient in normalised units is the scale times the gradient in pixels; a step in pixels is the scale times that step.
        gradient.mul_(squaredScale);
        if (squaredMask is not null)
            gradient.mul_(Views.Region(squaredMask, view)); // steepest descent with changes measured in units of the mask
        SetRate(gradient);
        change.mul_(rate.Times(2 * options.PixelPenalty).From(1).AtLeast(0));
        seen.sub_(gradient.mul_(rate));
        ball.Clip(seen, Views.Region(original, view));
        ball.Shrink(change);
        if (++steps % options.RoundEvery == 0 && ball.Distance is null)
            change.round_();
    }

    /// <summary>The radioactive image, with integer pixels inside the ball.</summary>
    public Tensor Finish()
    {
        using var scope = NewDisposeScope();
        if (jpeg is not null)
            return jpeg.Finish().MoveToOuterDisposeScope();
        return original.Plus(ball.RoundInside(change)).MoveToOuterDisposeScope();
    }

    /// <summary>The length of a step with a PSNR.</summary>
    /// <param name="distance">The radius of the ball.</param>
    /// <param name="done">The number of steps before.</param>
    /// <param name="iterations">The number of all steps.</param>
    public static double StepLength(double distance, int done, int iterations) =>
        2 * Reach * distance * (iterations - done - 0.5) / Math.Pow(iterations, 2);

    /// <summary>
    /// With a PSNR, step lengths fall linearly; otherwise the rate is constant, either given or set by the first gradient.
    /// </summary>
    private void SetRate(Tensor gradient)
    {
        if (ball.Distance is { } distance)
            SetLength(StepLength(distance, steps, options.Iterations), gradient);
        else if (options.Rate is null && steps == 0)
            SetLength(options.FirstStep * Math.Sqrt(original.numel()), gradient);
    }

    private void SetLength(double length, Tensor gradient) =>
        rate.copy_(PixelBall.Length(gradient).AtLeast(Tiny).reciprocal().Times(length));
}
