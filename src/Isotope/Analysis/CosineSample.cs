using Isotope.Carriers;

namespace Isotope.Analysis;

/// <summary>
/// Cosines of a classifier's rows with three kinds of directions (paper figure 5): random ones, the carriers, and the vanilla classifier's
/// rows (the semantic directions).
/// </summary>
/// <param name="Random">With every carrier of fresh keys: the null distribution, drawn.</param>
/// <param name="Carrier">With the carrier of the row's class; C values.</param>
/// <param name="Semantic">With the vanilla row of the same class; C values.</param>
public sealed record CosineSample(IReadOnlyList<double> Random, IReadOnlyList<double> Carrier, IReadOnlyList<double> Semantic)
{
    /// <summary>Takes the cosines.</summary>
    /// <param name="rows">C rows of d values, in the carriers' space.</param>
    /// <param name="vanilla">As many of the vanilla classifier.</param>
    /// <param name="key">The carriers.</param>
    /// <param name="freshKeys">Keys to draw for the random directions.</param>
    public static CosineSample Of(IReadOnlyList<double[]> rows, IReadOnlyList<double[]> vanilla, CarrierKey key, int freshKeys = 100) =>
        new(
            [
                .. Enumerable
                    .Range(0, freshKeys)
                    .SelectMany(seed => Cosines(rows, CarrierKey.ForCalibration(key.Classes, key.Dimension, seed))),
            ],
            Cosines(rows, key),
            [.. rows.Zip(vanilla, (row, other) => Cosine(row, other))]
        );

    private static double[] Cosines(IReadOnlyList<double[]> rows, CarrierKey key) =>
        [.. rows.Select((row, label) => Cosine(row, Array.ConvertAll(key.Carrier(label).ToArray(), value => (double)value)))];

    private static double Cosine(double[] a, double[] b) => System.Numerics.Tensors.TensorPrimitives.CosineSimilarity<double>(a, b);
}
