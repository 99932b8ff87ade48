using static TorchSharp.torch;

namespace Isotope.Detection;

/// <summary>
/// The linear map M that minimises Σ‖φₜ(x) − Mφ₀(x)‖² over vanilla images (paper §3.4), by normal equations in double.
/// Batches are added up: memory is O(d² + dₜd) however many images there are. Every fifth image is kept out of a first fit,
/// to measure it; the map that <see cref="Solve"/> gives is fitted on all.
/// </summary>
public sealed class LeastSquaresAlignment : IDisposable
{
    private const int HeldOutEvery = 5;

    /// <summary>Fewer images than this a dimension are too few for plain least squares.</summary>
    private const int PlainFrom = 2;

    /// <summary>
    /// Ridge over the mean square of a feature, where images are plenty: it bears on features that are dead on all images
    /// alone, which M then ignores.
    /// </summary>
    private const double Smallest = 1e-10;
    private static readonly double[] Ridges = [Smallest, 1e-4, 1e-3, 1e-2, 1e-1, 1];
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
        var (marking, tested) = (markingFeatures.cpu().to(float64), testedFeatures.cpu().to(float64));
        var kept = tensor(
            Enumerable.Range(Images, (int)marking.shape[0]).Select(image => image % HeldOutEvery == HeldOutEvery - 1).ToArray()
        );
        heldOut.Add(marking[kept], tested[kept]);
        fitted.Add(marking[~kept], tested[~kept]);
    }

    /// <summary>
    /// M, and how well it does. With at least two images a dimension it is plain least squares; with fewer, a ridge of
    /// 10⁻¹⁰, 10⁻⁴, 10⁻³ … 1 times the mean square of a feature, the one that does best on the images kept out. Carriers have
    /// no part in the choice.
    /// </summary>
    /// <returns>M, dₜ × d in double; the ridge; and the share of the tested features' variance that a map of this ridge, fitted on four
    /// images of five, explains on the fifth.</returns>
    /// <exception cref="IsotopeException">Features that are not finite or constant, or fewer than ten images.</exception>
    public (Tensor Map, double Ridge, double RSquared) Solve()
    {
        const int fewest = 2 * HeldOutEvery;
        if (Images < fewest)
            throw new IsotopeException($"--images: expected at least {fewest} vanilla images to align the networks on, found {Images}");
        using var scope = NewDisposeScope();
        using var all = AlignmentSums.Of(fitted, heldOut);
        all.Check();
        var ridges = Images < (long)PlainFrom * all.Dimension ? Ridges : [Smallest];
        var (ridge, rSquared) = ridges
            .Select(candidate => (candidate, heldOut.RSquared(fitted.Solve(candidate))))
            .MaxBy(candidate => candidate.Item2);
        return (all.Solve(ridge).MoveToOuterDisposeScope(), ridge, rSquared);
    }

    /// <summary>Releases the sums.</summary>
    public void Dispose()
    {
        fitted.Dispose();
        heldOut.Dispose();
    }
}
