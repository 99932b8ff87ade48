using Isotope.Carriers;
using Isotope.Statistics;

namespace Isotope.Detection;

/// <summary>
/// A direction of φ₀'s space for each class, which no key had a part in, against a key's carriers: the core of the tests of weights and of
/// images.
/// </summary>
/// <param name="Combination">How classes are combined, by its name in <see cref="Statistics.Combination"/>.</param>
/// <param name="Classes">Each class's name, carrier and direction, which is finite and not 0.</param>
internal sealed record DirectionTest(string Combination, IReadOnlyList<(string Name, int Label, double[] Direction)> Classes)
{
    /// <summary>The tests of the classes.</summary>
    public ClassResult[] ByClass(CarrierKey key)
    {
        return [.. Classes.Select(c => Of(c.Name, Cosine(c.Direction, key.Carrier(c.Label))))];

        ClassResult Of(string name, double cosine) => new(name, cosine, CosineTest.PValueOf(cosine, key.Dimension));
    }

    /// <summary>Tests of all classes combined.</summary>
    public PValue Combine(ClassResult[] classes) => Statistics.Combination.Combine(Combination, [.. classes.Select(c => c.PValue)])!.Value;

    private PValue Combined(CarrierKey key) => Combine(ByClass(key));

    /// <summary>A key's combined p-value among those of fresh keys.</summary>
    public RankCheck Rank(CarrierKey key, PValue combined, int sets, CancellationToken cancellation) =>
        RankCheck.Run(key, combined, Combined, sets, cancellation: cancellation);

    /// <summary>cos(v, u).</summary>
    internal static double Cosine(ReadOnlySpan<double> direction, ReadOnlySpan<float> carrier)
    {
        var (product, squares, carrierSquares) = (0.0, 0.0, 0.0);
        for (var i = 0; i < direction.Length; i++)
        {
            product += direction[i] * carrier[i];
            squares += direction[i] * direction[i];
            carrierSquares += (double)carrier[i] * carrier[i];
        }

        return product / Math.Sqrt(squares * carrierSquares);
    }

    /// <summary>Whether a row of numbers has a direction, whose length can be squared.</summary>
    internal static bool IsDirection(double[] row) => row.Sum(value => value * value) is > 0 and < double.PositiveInfinity;
}
