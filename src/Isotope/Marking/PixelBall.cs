using Isotope.Datasets;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Marking;

/// <summary>
/// The changes that an original x may undergo: 0 ≤ x̃ ≤ 255, ‖x̃ − x‖∞ ≤ R and, with a PSNR, ‖x̃ − x‖₂ ≤ the distance of that quality. A
/// change is x̃ − x, C × H × W in grey levels. Changes are modified in place, since images may be large.
/// </summary>
internal sealed class PixelBall
{
    private const int Halvings = 12;
    private const double LargestGain = 2;
    private readonly Tensor original;
    private readonly int radius;

    public PixelBall(Tensor original, int radius, double? psnr)
    {
        this.original = original;
        this.radius = radius;
        Distance = psnr is { } quality ? Quality.DeviationOf(quality) * Math.Sqrt(original.numel()) : null;
    }

    /// <summary>The L2 radius that the PSNR allows, grey levels; null without a PSNR.</summary>
    public double? Distance { get; }

    /// <summary>
    /// The L2 length of a C × H × W tensor, row by row: a single sum over everything would depend on the number of threads.
    /// </summary>
    public static Tensor Length(Tensor change)
    {
        using var scope = NewDisposeScope();
        return change.norm(dim: 2).norm(dim: 1).norm().MoveToOuterDisposeScope();
    }

    /// <summary>Clips the change of a region in place, to the radius and to pixels of 0…255.</summary>
    /// <param name="change">The change of the region.</param>
    /// <param name="original">The original pixels of the region.</param>
    public void Clip(Tensor change, Tensor original) =>
        change.ClampInPlace(-radius, radius).AddInPlace(original).ClampInPlace(0, 255).sub_(original);

    /// <summary>Shrinks a clipped change in place, into the L2 ball; it stays clipped.</summary>
    public void Shrink(Tensor change)
    {
        using var scope = NewDisposeScope();
        if (Distance is { } distance)
            change.mul_(Length(change).AtLeast(distance).reciprocal().Times(distance));
    }

    /// <summary>
    /// Rounds a change to integers inside the ball. With a PSNR, the change is first scaled so that the rounded one uses up the allowed
    /// distance. The scale is found by bisection, since rounding makes changes longer or, where it erases small ones, shorter.
    /// </summary>
    public Tensor RoundInside(Tensor change)
    {
        using var scope = NewDisposeScope();
        if (Distance is null)
            return Rounded(change, 1).MoveToOuterDisposeScope();
        var (inside, outside) = (0.0, LargestGain);
        for (var i = 0; i < Halvings; i++)
        {
            var middle = (inside + outside) / 2;
            if (Fits(change, middle))
                inside = middle;
            else
                outside = middle;
        }

        return Rounded(change, inside).MoveToOuterDisposeScope();
    }

    private bool Fits(Tensor change, double scale)
    {
        using var scope = NewDisposeScope();
        return Length(Rounded(change, scale)).item<float>() <= Distance;
    }

    private Tensor Rounded(Tensor change, double scale)
    {
        using var scope = NewDisposeScope();
        var scaled = change.Times(scale);
        Clip(scaled, original);
        return scaled.round_().MoveToOuterDisposeScope();
    }
}
