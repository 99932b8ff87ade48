using System.Numerics.Tensors;
using Isotope.Carriers;

namespace Isotope.Analysis;

/// <summary>
/// A unit-norm row of a classifier trained on marked images, as a·ŵ* + b·û + noise. ŵ* is the direction of the vanilla classifier's row, û
/// that of the carrier's part orthogonal to it (paper §5.2, figure 4).
/// </summary>
/// <param name="Semantic">a, the cosine with the vanilla row.</param>
/// <param name="Mark">b, the share along the carrier that the vanilla row does not explain.</param>
/// <param name="CarrierCosine">Cosine with the carrier itself.</param>
/// <param name="ProjectionNorm">√(a² + b²), the norm of the projection on the span of both: 1 if there is no noise.</param>
internal sealed record ClassifierDecomposition(double Semantic, double Mark, double CarrierCosine, double ProjectionNorm)
{
    /// <summary>Decomposes a row.</summary>
    /// <param name="row">The classifier's row in the carrier's space, d values.</param>
    /// <param name="vanilla">The vanilla classifier's row, d values.</param>
    /// <param name="carrier">Unit carrier u, d values.</param>
    /// <exception cref="ArgumentException">Vectors differ in length or have no direction, or the carrier is along the vanilla
    /// row.</exception>
    public static ClassifierDecomposition Of(ReadOnlySpan<double> row, ReadOnlySpan<double> vanilla, ReadOnlySpan<double> carrier)
    {
        if (row.Length != vanilla.Length || row.Length != carrier.Length)
            throw new ArgumentException("Expected vectors of one dimension.");
        var w = Unit(row);
        var u = Unit(carrier);
        var semantic = Unit(vanilla);
        var along = Dot(u, semantic);
        var orthogonal = Unit([.. u.Select((value, i) => value - along * semantic[i])]);
        var a = Dot(w, semantic);
        var b = Dot(w, orthogonal);
        return new ClassifierDecomposition(a, b, Dot(w, u), Math.Sqrt(a * a + b * b));
    }

    /// <summary>Decomposes every row of an aligned classifier.</summary>
    /// <param name="rows">C rows of d values.</param>
    /// <param name="vanilla">The same rows of the vanilla classifier.</param>
    /// <param name="key">The carriers.</param>
    public static IReadOnlyList<ClassifierDecomposition> Of(
        IReadOnlyList<double[]> rows,
        IReadOnlyList<double[]> vanilla,
        CarrierKey key
    ) => [.. rows.Select((row, label) => Of(row, vanilla[label], CosineSample.CarrierOf(key, label)))];

    private static double[] Unit(ReadOnlySpan<double> vector)
    {
        var norm = Math.Sqrt(Dot(vector, vector));
        if (!(norm > 0 && double.IsFinite(norm)))
            throw new ArgumentException("Expected vectors with directions of their own.");
        return [.. vector.ToArray().Select(value => value / norm)];
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b) => TensorPrimitives.Dot(a, b);
}
