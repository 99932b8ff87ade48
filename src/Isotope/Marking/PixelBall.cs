using Isotope.Datasets;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Marking;

/// <summary>
/// The changes that an original may undergo: 0 ≤ x̃ ≤ 255, ‖x̃ − x‖∞ ≤ R and, where a PSNR is wanted, ‖x̃ − x‖₂ ≤ the distance of that
/// quality. A change is x̃ − x, C × H × W in grey levels; changes are moved in place, since images may be large.
/// </summary>
internal sealed class PixelBall
{
    private const int Halvings = 12;
    private const double LargestGain = 2;
    private readonly Tensor original;
    private readonly int radius;

    public PixelBall(Tensor original, int radius, double? psnr)
    {
        (this.original, this.radius) = (original, radius);
        Distance = psnr is { } quality ? Quality.DeviationOf(quality) * Math.Sqrt(original.numel()) : null;
    }

    /// <summary>The L2 radius of the wanted quality, grey levels; null where none is wanted.</summary>
    public double? Distance { get; }

    /// <summary>The L2 length of a tensor C × H × W. Row by row: one sum over everything would depend on the number of threads.</summary>
    public static Tensor Length(Tensor change)
    {
        using var scope = NewDisposeScope();
        return change.norm(dim: 2).norm(dim: 1).norm().MoveToOuterDisposeScope();
    }

    /// <summary>Clips a region of a change to the radius and to 0…255, in place.</summary>
    /// <param name="change">The region's change.</param>
    /// <param name="original">The region's original.</param>
    public void Clip(Tensor change, Tensor original) =>
        change.ClampInPlace(-radius, radius).AddInPlace(original).ClampInPlace(0, 255).sub_(original);

    /// <summary>Shrinks a clipped change into the L2 ball, in place; that does not leave the box.</summary>
    public void Shrink(Tensor change)
    {
        using var scope = NewDisposeScope();
        if (Distance is { } distance)
            change.mul_(Length(change).AtLeast(distance).reciprocal().Times(distance));
    }

    /// <summary>
    /// The integer change inside that is nearest to a change; where a PSNR is wanted, to the multiple of it that uses the quality up,
    /// found by bisection: rounding makes changes longer or, since it erases what is small, shorter.
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
