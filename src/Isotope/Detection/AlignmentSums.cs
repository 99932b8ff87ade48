using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Detection;

/// <summary>Sums of products of features over images: all that least squares needs. In double, on the CPU.</summary>
internal sealed class AlignmentSums : IDisposable
{
    /// <summary>
    /// Below this share of the mean square, variance is only rounding, since features are computed in single precision.
    /// </summary>
    private const double LeastVariance = 1e-10;

    private readonly Tensor gram;
    private readonly Tensor cross;
    private readonly Tensor markingSum;
    private readonly Tensor testedSum;
    private double testedSquares;

    public AlignmentSums(int markingDimension, int testedDimension)
    {
        gram = zeros([markingDimension, markingDimension], float64).DetachFromDisposeScope();
        cross = zeros([testedDimension, markingDimension], float64).DetachFromDisposeScope();
        markingSum = zeros([markingDimension], float64).DetachFromDisposeScope();
        testedSum = zeros([testedDimension], float64).DetachFromDisposeScope();
    }

    /// <summary>Images added so far.</summary>
    public int Images { get; private set; }

    /// <summary>Dimension d of the marking network's features.</summary>
    public int Dimension => (int)gram.shape[0];

    /// <summary>The sums over the images of both.</summary>
    public static AlignmentSums Of(AlignmentSums one, AlignmentSums other)
    {
        var both = new AlignmentSums(one.Dimension, (int)one.testedSum.shape[0]);
        both.Add(one);
        both.Add(other);
        return both;
    }

    /// <summary>Adds images: features N × d and N × dₜ in double.</summary>
    public void Add(Tensor marking, Tensor tested)
    {
        gram.AddInPlace(marking.t().matmul(marking));
        cross.AddInPlace(tested.t().matmul(marking));
        markingSum.AddInPlace(marking.sum(dim: 0));
        testedSum.AddInPlace(tested.sum(dim: 0));
        testedSquares += tested.Squared().sum().item<double>();
        Images += (int)marking.shape[0];
    }

    /// <exception cref="IsotopeException">Features are not finite, or do not vary beyond rounding.</exception>
    public void Check()
    {
        if (!double.IsFinite(testedSquares) || !gram.isfinite().all().item<bool>())
            throw new IsotopeException(
                "features: expected finite numbers, found others; the checkpoint is damaged or the normalisation wrong"
            );
        var markingSquares = gram.trace().item<double>();
        var markingVariance = markingSquares - markingSum.Squared().sum().item<double>() / Images;
        if (!(markingVariance > LeastVariance * markingSquares))
            throw new IsotopeException("marking network: expected features that vary between images, found constant ones");
        if (!(TestedVariance() > LeastVariance * testedSquares))
            throw new IsotopeException("tested network: expected output that varies between images, found a constant one");
    }

    /// <summary>
    /// The map that minimises Σ‖φₜ(x) − Mφ₀(x)‖² + λ‖M‖², where λ is the ridge times the sum over images of a feature's mean square.
    /// </summary>
    public Tensor Solve(double ridge)
    {
        using var scope = NewDisposeScope();
        var lambda = ridge * gram.trace().item<double>() / Dimension;
        var regularised = gram.Plus(eye(Dimension, dtype: float64).Times(lambda));
        var factor = linalg.cholesky(regularised);
        return cholesky_solve(cross.t(), factor).t().MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Share of the tested features' variance over these images that a map explains: at most 1, and below 0 where the map does worse than
    /// their mean.
    /// </summary>
    public double RSquared(Tensor map)
    {
        using var scope = NewDisposeScope();
        var explained = (map * cross).sum().item<double>();
        var predictedSquares = (map.matmul(gram) * map).sum().item<double>();
        var residual = testedSquares - 2 * explained + predictedSquares;
        return 1 - Math.Max(0, residual) / TestedVariance();
    }

    public void Dispose()
    {
        gram.Dispose();
        cross.Dispose();
        markingSum.Dispose();
        testedSum.Dispose();
    }

    private void Add(AlignmentSums other)
    {
        gram.AddInPlace(other.gram);
        cross.AddInPlace(other.cross);
        markingSum.AddInPlace(other.markingSum);
        testedSum.AddInPlace(other.testedSum);
        testedSquares += other.testedSquares;
        Images += other.Images;
    }

    private double TestedVariance() => testedSquares - testedSum.Squared().sum().item<double>() / Images;
}
