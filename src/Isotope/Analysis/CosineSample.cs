using System.Numerics.Tensors;
using Isotope.Carriers;

namespace Isotope.Analysis;

/// <summary>
/// Cosines of a classifier's rows with three kinds of directions (paper figure 5): random ones, the carriers, and the vanilla classifier's
/// rows (the semantic directions).
/// </summary>
/// <param name="Random">With every carrier of fresh keys: a sample of the null distribution.</param>
/// <param name="Carrier">With the carrier of the row's class; C values.</param>
/// <param name="Semantic">With the vanilla row of the same class; C values.</param>
internal sealed record CosineSample(IReadOnlyList<double> Random, IReadOnlyList<double> Carrier, IReadOnlyList<double> Semantic)
{
    /// <summary>Computes the cosines.</summary>
    /// <param name="rows">C rows of d values, in the carriers' space.</param>
    /// <param name="vanilla">The same rows of the vanilla classifier.</param>
    /// <param name="key">The carriers.</param>
    /// <param name="freshKeys">Number of keys to draw for the random directions.</param>
    public static CosineSample Of(IReadOnlyList<double[]> rows, IReadOnlyList<double[]> vanilla, CarrierKey key, int freshKeys = 100)
    {
        var fresh = Enumerable.Range(0, freshKeys).Select(seed => CarrierKey.ForCalibration(key.Classes, key.Dimension, seed));
        return new CosineSample(
            [.. fresh.SelectMany(other => WithCarriers(rows, other))],
            WithCarriers(rows, key),
            [.. rows.Zip(vanilla, (row, other) => Cosine(row, other))]
        );
    }

    /// <summary>A class's carrier in double.</summary>
    internal static double[] CarrierOf(CarrierKey key, int label) => Array.ConvertAll(key.Carrier(label).ToArray(), value => (double)value);

    private static double[] WithCarriers(IReadOnlyList<double[]> rows, CarrierKey key) =>
        [.. rows.Select((row, label) => Cosine(row, CarrierOf(key, label)))];

    private static double Cosine(double[] a, double[] b) => TensorPrimitives.CosineSimilarity<double>(a, b);
}
