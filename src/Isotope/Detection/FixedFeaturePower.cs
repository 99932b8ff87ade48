using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Numerics;
using Isotope.Runs;
using Isotope.Statistics;
using static TorchSharp.torch;

namespace Isotope.Detection;

/// <summary>
/// Predicts what the paper's test finds in a classifier that is retrained on φ₀'s own features. It says nothing about a network trained
/// from scratch: that learns features of its own, and no theory predicts how much of a mark they take up.
/// </summary>
/// <remarks>
/// With classes of means μᵢ and common covariance Σ the fitted row is wᵢ = Σ⁻¹(μᵢ − μ̄). Marking a fraction q of every class moves μᵢ by
/// qδuᵢ, hence wᵢ by qδΣ⁻¹(uᵢ − ū) to first order. On average over carriers, uᵀΣ⁻¹u is a = tr Σ⁻¹/d and ‖Σ⁻¹u‖² is b² = tr Σ⁻²/d; uᵢ − ū
/// has the share s = 1 − 1/C of both. So the cosine of wᵢ and uᵢ has mean sqδa/√(‖wᵢ‖² + s(qδb)²) and variance 1/d: its z-score is √d times
/// that, and Stouffer's sum over C classes is normal with variance 1. Marks also widen the pooled covariance along the carriers, which
/// divides qδ by 1 + q(1 − q)δ²a/C. Assumptions: marks move features only along uᵢ and all by the same δ, classes are normal, and the
/// classifier is fitted to convergence. Real classifiers show less of the mark.
/// </remarks>
/// <param name="RowNorms">‖wᵢ‖ of every class.</param>
/// <param name="Dimension">d.</param>
/// <param name="Displacement">δ: mean displacement of the features along their carrier, as marking reports it.</param>
/// <param name="MeanPrecision">a.</param>
/// <param name="MeanSquaredPrecision">b².</param>
internal sealed record FixedFeaturePower(
    IReadOnlyList<double> RowNorms,
    int Dimension,
    double Displacement,
    double MeanPrecision,
    double MeanSquaredPrecision
)
{
    private const int Grid = 1000;

    /// <summary>Makes the prediction from vanilla images.</summary>
    /// <param name="marking">Marking network φ₀.</param>
    /// <param name="images">Vanilla images of all classes.</param>
    /// <param name="displacement">δ.</param>
    /// <param name="progress">Images done.</param>
    /// <param name="cancellation">Checked at every image.</param>
    public static FixedFeaturePower Predict(
        Network marking,
        Dataset images,
        double displacement,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        using var scope = NewDisposeScope();
        var classes = images.ClassNames.Count;
        var dimension = marking.FeatureDimension;
        var sums = FeatureSums.Of(marking, images, classes, "features", progress, cancellation);
        var means = sums.Means().narrow(0, 0, classes);
        var precision = sums.Precision();
        var rows = (means - means.mean([0], keepdim: true)).matmul(precision);
        return new FixedFeaturePower(
            rows.norm(dim: 1).data<double>().ToArray(),
            dimension,
            displacement,
            precision.trace().item<double>() / dimension,
            precision.Squared().sum().item<double>() / dimension
        );
    }

    /// <summary>The distribution of the test's z-score at a marked fraction q.</summary>
    public ShiftedNormal At(double fraction)
    {
        var classes = RowNorms.Count;
        var share = 1 - 1.0 / classes;
        var widening = fraction * (1 - fraction) * Displacement * Displacement * MeanPrecision / classes;
        var growth = fraction * Displacement / (1 + widening);
        var cosines = RowNorms.Sum(MeanCosine);
        return new ShiftedNormal(Math.Sqrt((double)Dimension / classes) * cosines);

        double MeanCosine(double norm)
        {
            var length = Math.Sqrt(norm * norm + share * growth * growth * MeanSquaredPrecision);
            return share * growth * MeanPrecision / length;
        }
    }

    /// <summary>
    /// The smallest marked fraction that is detected at a level with a given power, to 0.1 % of a dataset; infinite if even marking all
    /// images is not enough.
    /// </summary>
    public double SmallestFraction(PValue level, double power) =>
        Enumerable
            .Range(1, Grid)
            .Select(step => (double)step / Grid)
            .FirstOrDefault(fraction => At(fraction).Power(level) >= power, double.PositiveInfinity);
}
