using static TorchSharp.torch;

namespace Isotope.Marking;

/// <summary>
/// How far a gradient moves the pixels. Constant rate, given or set per image by its first gradient; with a wanted
/// PSNR instead a fixed length per image, so that the change fills the ball.
/// </summary>
internal sealed class StepRule : IDisposable
{
    /// <summary>Steps reach this many times the ball's radius in all, so that they can also turn inside it.</summary>
    private const double Reach = 3;
    private readonly MarkingOptions options;
    private readonly Tensor squaredScale;
    private readonly double? length;
    private Tensor? rate;

    /// <param name="options">Rate, first step, iterations.</param>
    /// <param name="greyLevelsPerUnit">Grey levels per normalised unit, C × 1 × 1.</param>
    /// <param name="ball">Where the change has to stay.</param>
    public StepRule(MarkingOptions options, Tensor greyLevelsPerUnit, PixelBall ball)
    {
        this.options = options;
        squaredScale = greyLevelsPerUnit.square();
        length = ball.Distance * Reach / options.Iterations;
    }

    /// <summary>The step of a gradient, N × C × H × W, grey levels.</summary>
    public Tensor Step(Tensor gradient)
    {
        // A step in normalised units is a step in pixels times the squared scale: once for the gradient, once for the unit.
        using var scope = NewDisposeScope();
        var direction = gradient * squaredScale;
        if (length is { } fixedLength) return (direction * (fixedLength / PixelBall.Norm(direction).clamp_min(1e-12))).MoveToOuterDisposeScope();
        rate ??= Rate(direction).DetachFromDisposeScope();
        return (direction * rate).MoveToOuterDisposeScope();
    }

    /// <summary>Releases the images' rates.</summary>
    public void Dispose() => rate?.Dispose();

    private Tensor Rate(Tensor direction)
    {
        if (options.Rate is { } given) return tensor((float)given);
        var pixelsPerImage = direction.numel() / direction.shape[0];
        return options.FirstStep * Math.Sqrt(pixelsPerImage) / PixelBall.Norm(direction).clamp_min(1e-12);
    }
}
