using static TorchSharp.torch;

namespace Isotope.Marking;

/// <summary>
/// The images near the originals: 0…255, ‖x̃ − x‖∞ ≤ R and, where a PSNR is wanted, ‖x̃ − x‖₂ ≤ the distance of that
/// quality. All images N × C × H × W in grey levels.
/// </summary>
internal sealed class PixelBall
{
    private const int Halvings = 12;
    private readonly Tensor originals;
    private readonly Tensor low;
    private readonly Tensor high;

    public PixelBall(Tensor originals, int radius, double? psnr)
    {
        this.originals = originals;
        low = (originals - radius).clamp(0, 255);
        high = (originals + radius).clamp(0, 255);
        var pixelsPerImage = originals.numel() / originals.shape[0];
        Distance = psnr is { } quality ? 255 * Math.Pow(10, -quality / 20) * Math.Sqrt(pixelsPerImage) : null;
    }

    /// <summary>The L2 radius of the wanted quality, grey levels.</summary>
    public double? Distance { get; }

    /// <summary>The nearest points inside: first into the L2 ball, then into the box, which keeps it there.</summary>
    public Tensor Project(Tensor images)
    {
        using var scope = NewDisposeScope();
        if (Distance is { } distance) images = originals + (images - originals).mul(Shrink(images - originals, distance));
        return images.maximum(low).minimum(high).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Integer images inside. Rounding can leave the L2 ball by a little; then the change is scaled down, by bisection per
    /// image, to the largest that stays inside.
    /// </summary>
    public Tensor RoundInside(Tensor images)
    {
        using var scope = NewDisposeScope();
        if (Distance is not { } distance) return images.round().MoveToOuterDisposeScope();
        var change = images - originals;
        var outside = ones_like(Norm(change));
        var inside = Fits(change, outside, distance).to(float32);
        for (var i = 0; i < Halvings; i++)
        {
            var middle = (inside + outside) / 2;
            var fits = Fits(change, middle, distance);
            (inside, outside) = (middle.where(fits, inside), outside.where(fits, middle));
        }

        return (originals + change * inside).round().MoveToOuterDisposeScope();
    }

    /// <summary>L2 norm of each image: N × 1 × 1 × 1.</summary>
    public static Tensor Norm(Tensor change)
    {
        using var scope = NewDisposeScope();
        return change.square().sum([1, 2, 3], keepdim: true).sqrt().MoveToOuterDisposeScope();
    }

    private Tensor Fits(Tensor change, Tensor scale, double distance) => Norm((originals + change * scale).round() - originals) <= distance;

    private static Tensor Shrink(Tensor change, double distance) => (distance / Norm(change).clamp_min(1e-12)).clamp_max(1);
}
