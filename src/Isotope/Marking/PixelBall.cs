using static TorchSharp.torch;

namespace Isotope.Marking;

/// <summary>
/// The images near an original: 0…255, ‖x̃ − x‖∞ ≤ R and, where a PSNR is wanted, ‖x̃ − x‖₂ ≤ the distance of that
/// quality. Images C × H × W in grey levels.
/// </summary>
internal sealed class PixelBall
{
    private const int Halvings = 12;
    private readonly Tensor original;
    private readonly Tensor low;
    private readonly Tensor high;

    public PixelBall(Tensor original, int radius, double? psnr)
    {
        this.original = original;
        low = (original - radius).clamp_(0, 255);
        high = (original + radius).clamp_(0, 255);
        Distance = psnr is { } quality ? 255 * Math.Pow(10, -quality / 20) * Math.Sqrt(original.numel()) : null;
    }

    /// <summary>The L2 radius of the wanted quality, grey levels; null where none is wanted.</summary>
    public double? Distance { get; }

    /// <summary>A near point inside: first into the L2 ball, then into the box, which does not leave it.</summary>
    public Tensor Project(Tensor image)
    {
        using var scope = NewDisposeScope();
        if (Distance is { } distance)
        {
            var change = image - original;
            image = original + change * (distance / change.norm().clamp_min(distance));
        }

        return image.maximum(low).minimum(high).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// An integer image inside. Rounding can leave the L2 ball by a little; then the change is scaled down, by bisection, to
    /// the largest that stays inside.
    /// </summary>
    public Tensor RoundInside(Tensor image)
    {
        using var scope = NewDisposeScope();
        var change = image - original;
        var (inside, outside) = (0.0, 1.0);
        for (var i = 0; i < Halvings && !Fits(change, outside); i++)
        {
            var middle = (inside + outside) / 2;
            if (Fits(change, middle)) inside = middle;
            else outside = middle;
        }

        return (original + change * (Fits(change, outside) ? outside : inside)).round_().MoveToOuterDisposeScope();
    }

    private bool Fits(Tensor change, double scale)
    {
        if (Distance is not { } distance) return true;
        using var scope = NewDisposeScope();
        return ((original + change * scale).round_() - original).norm().item<float>() <= distance;
    }
}
