using Isotope.Carriers;

namespace Isotope.Analysis;

/// <summary>
/// A row of a radioactive classifier, of unit norm, as a·ŵ* + b·û + noise: ŵ* the direction of the vanilla classifier's row, û what of the
/// carrier is orthogonal to it (paper §5.2, figure 4).
/// </summary>
/// <param name="Semantic">a, the cosine with the vanilla row.</param>
/// <param name="Mark">b, the share along the carrier that the vanilla row does not explain.</param>
/// <param name="CarrierCosine">Cosine with the carrier itself.</param>
/// <param name="ProjectionNorm">√(a² + b²), the norm of the projection on the span of both: 1 where nothing is noise.</param>
public sealed record ClassifierDecomposition(double Semantic, double Mark, double CarrierCosine, double ProjectionNorm)
{
    /// <summary>Decomposes a row.</summary>
    /// <param name="row">The radioactive classifier's row in the carrier's space, d values.</param>
    /// <param name="vanilla">The vanilla classifier's, d values.</param>
    /// <param name="carrier">Unit carrier u, d values.</param>
    /// <exception cref="ArgumentException">Vectors of other lengths, without a direction, or a carrier along the vanilla row.</exception>
    public static ClassifierDecomposition Of(ReadOnlySpan<double> row, ReadOnlySpan<double> vanilla, ReadOnlySpan<double> carrier)
    {
        if (row.Length != vanilla.Length || row.Length != carrier.Length)
            throw new ArgumentException("Expected vectors of one dimension.");
        var (w, semantic, u) = (Unit(row), Unit(vanilla), Unit(carrier));
        var along = Dot(u, semantic);
        var orthogonal = Unit([.. u.Select((value, i) => value - along * semantic[i])]);
        var (a, b) = (Dot(w, semantic), Dot(w, orthogonal));
        return new ClassifierDecomposition(a, b, Dot(w, u), Math.Sqrt(a * a + b * b));
    }

    /// <summary>Decomposes every row of an aligned classifier.</summary>
    /// <param name="rows">C rows of d values.</param>
    /// <param name="vanilla">As many of the vanilla classifier.</param>
    /// <param name="key">The carriers.</param>
    public static IReadOnlyList<ClassifierDecomposition> Of(
        IReadOnlyList<double[]> rows,
        IReadOnlyList<double[]> vanilla,
        CarrierKey key
    ) => [.. rows.Select((row, label) => Of(row, vanilla[label], Array.ConvertAll(key.Carrier(label).ToArray(), value => (double)value)))];

    private static double[] Unit(ReadOnlySpan<double> vector)
    {
        var norm = Math.Sqrt(Dot(vector, vector));
        return norm > 0 && double.IsFinite(norm)
            ? [.. vector.ToArray().Select(value => value / norm)]
            : throw new ArgumentException("Expected vectors with directions of their own.");
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b) => System.Numerics.Tensors.TensorPrimitives.Dot(a, b);
}
