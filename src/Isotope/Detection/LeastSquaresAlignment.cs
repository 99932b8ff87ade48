using static TorchSharp.torch;

namespace Isotope.Detection;

/// <summary>
/// The linear map M that minimises Σ‖φₜ(x) − Mφ₀(x)‖² over vanilla images (paper §3.4), by normal equations in double. Batches are summed,
/// so memory is O(d² + dₜd) however many images there are. A first fit, on four images out of five, is measured on the fifth; the map that
/// <see cref="Solve"/> returns is fitted on all.
/// </summary>
internal sealed class LeastSquaresAlignment : IDisposable
{
    private const int HeldOutEvery = 5;
    private const int FewestImages = 2 * HeldOutEvery;

    /// <summary>With fewer images per dimension than this, plain least squares overfits.</summary>
    private const int PlainFrom = 2;

    /// <summary>
    /// Ridge over the mean square of a feature where images are plentiful. It only affects features that are dead on all images, which M
    /// then ignores.
    /// </summary>
    private const double SmallestRidge = 1e-10;
    private static readonly double[] Ridges = [SmallestRidge, 1e-4, 1e-3, 1e-2, 1e-1, 1];
    private readonly AlignmentSums fitted;
    private readonly AlignmentSums heldOut;

    /// <summary>An alignment from features of dimension d to features of dimension dₜ.</summary>
    public LeastSquaresAlignment(int markingDimension, int testedDimension)
    {
        fitted = new AlignmentSums(markingDimension, testedDimension);
        heldOut = new AlignmentSums(markingDimension, testedDimension);
    }

    /// <summary>Images added so far.</summary>
    public int Images => fitted.Images + heldOut.Images;

    /// <summary>Adds a batch: features of the same images in both networks, N × d and N × dₜ.</summary>
    public void Add(Tensor markingFeatures, Tensor testedFeatures)
    {
        using var scope = NewDisposeScope();
        var marking = markingFeatures.cpu().to(float64);
        var tested = testedFeatures.cpu().to(float64);
        var isHeldOut = IsHeldOut((int)marking.shape[0]);
        heldOut.Add(marking[isHeldOut], tested[isHeldOut]);
        fitted.Add(marking[~isHeldOut], tested[~isHeldOut]);
    }

    /// <summary>
    /// M, and how well it fits. With at least two images per dimension this is plain least squares. With fewer, it has a ridge of 10⁻¹⁰,
    /// 10⁻⁴, 10⁻³ … 1 times the mean square of a feature, whichever does best on the held-out images. Carriers play no part in the choice.
    /// </summary>
    /// <returns>M, dₜ × d in double; the ridge; and the share of the tested features' variance that a map with this ridge, fitted on four
    /// images out of five, explains on the fifth.</returns>
    /// <exception cref="IsotopeException">Features are constant or not finite, or there are fewer than ten images.</exception>
    public (Tensor Map, double Ridge, double RSquared) Solve()
    {
        if (Images < FewestImages)
            throw new IsotopeException(
                $"--images: expected at least {FewestImages} vanilla images to align the networks on, found {Images}"
            );
        using var scope = NewDisposeScope();
        using var all = AlignmentSums.Of(fitted, heldOut);
        all.Check();
        var (ridge, rSquared) = BestRidge();
        var map = all.Solve(ridge).MoveToOuterDisposeScope();
        return (map, ridge, rSquared);
    }

    /// <summary>Releases the sums.</summary>
    public void Dispose()
    {
        fitted.Dispose();
        heldOut.Dispose();
    }

    /// <summary>Which of the next images are held out: every fifth of all.</summary>
    private Tensor IsHeldOut(int count) =>
        tensor(Enumerable.Range(Images, count).Select(image => image % HeldOutEvery == HeldOutEvery - 1).ToArray());

    private (double Ridge, double RSquared) BestRidge()
    {
        var isPlain = Images >= (long)PlainFrom * fitted.Dimension;
        double[] candidates = isPlain ? [SmallestRidge] : Ridges;
        return candidates
            .Select(ridge => (Ridge: ridge, RSquared: heldOut.RSquared(fitted.Solve(ridge))))
            .MaxBy(candidate => candidate.RSquared);
    }
}
