using static TorchSharp.torch;

namespace Isotope.Detection;

/// <summary>
/// The linear map M that minimises Σ‖φₜ(x) − Mφ₀(x)‖² over vanilla images (paper §3.4), by normal equations in double.
/// Batches are added up: memory is O(d² + dₜd) however many images there are.
/// </summary>
public sealed class LeastSquaresAlignment : IDisposable
{
    /// <summary>
    /// Ridge over the mean square of a feature. It bears on features that are dead on all images alone: M ignores them.
    /// </summary>
    private const double RelativeRidge = 1e-10;
    private readonly Tensor gram;
    private readonly Tensor cross;
    private readonly Tensor testedSum;
    private double testedSquares;

    /// <summary>An alignment from features of dimension d to features of dimension dₜ.</summary>
    public LeastSquaresAlignment(int markingDimension, int testedDimension)
    {
        gram = zeros([markingDimension, markingDimension], float64).DetachFromDisposeScope();
        cross = zeros([testedDimension, markingDimension], float64).DetachFromDisposeScope();
        testedSum = zeros([testedDimension], float64).DetachFromDisposeScope();
    }

    /// <summary>Images added so far.</summary>
    public int Images { get; private set; }

    /// <summary>Adds a batch: features of the same images in both networks, N × d and N × dₜ.</summary>
    public void Add(Tensor markingFeatures, Tensor testedFeatures)
    {
        using var scope = NewDisposeScope();
        var (marking, tested) = (markingFeatures.cpu().to(float64), testedFeatures.cpu().to(float64));
        gram.add_(marking.t().matmul(marking));
        cross.add_(tested.t().matmul(marking));
        testedSum.add_(tested.sum(dim: 0));
        testedSquares += tested.square().sum().item<double>();
        Images += (int)marking.shape[0];
    }

    /// <summary>M, dₜ × d in double.</summary>
    /// <exception cref="IsotopeException">Fewer images than dimensions, or features that are not finite.</exception>
    public Tensor Solve()
    {
        var dimension = gram.shape[0];
        if (Images < dimension) throw new IsotopeException($"--images: expected at least {dimension} vanilla images, as many as the marking features have dimensions, found {Images}");
        if (!double.IsFinite(testedSquares) || !gram.isfinite().all().item<bool>())
            throw new IsotopeException("features: expected finite numbers, found others; the checkpoint is damaged or the normalisation wrong");
        if (gram.trace().item<double>() == 0) throw new IsotopeException("marking network: expected features that differ from zero, found none on these images");
        using var scope = NewDisposeScope();
        var ridge = RelativeRidge * gram.trace().item<double>() / dimension;
        var factor = linalg.cholesky(gram + ridge * eye(dimension, dtype: float64));
        return cholesky_solve(cross.t(), factor).t().MoveToOuterDisposeScope();
    }

    /// <summary>Share of the tested features' variance over these images that M explains, at most 1.</summary>
    public double RSquared(Tensor map)
    {
        using var scope = NewDisposeScope();
        var residual = testedSquares - 2 * (map * cross).sum().item<double>() + (map.matmul(gram) * map).sum().item<double>();
        var variance = testedSquares - testedSum.square().sum().item<double>() / Images;
        return variance > 0
            ? 1 - Math.Max(0, residual) / variance
            : throw new IsotopeException("tested network: expected features that vary between images, found constant ones");
    }

    /// <summary>Releases the sums.</summary>
    public void Dispose()
    {
        gram.Dispose();
        cross.Dispose();
        testedSum.Dispose();
    }
}
