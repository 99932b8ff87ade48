using Isotope.Carriers;
using Isotope.Statistics;

namespace Isotope.Detection;

/// <summary>
/// Compares one direction of φ₀'s space per class, found without the key, with the key's carriers: the core of the tests of models and of
/// images.
/// </summary>
/// <param name="Combination">How classes are combined, by its name in <see cref="Statistics.Combination"/>.</param>
/// <param name="Classes">Name and label of each class, and its direction, which is finite and not 0.</param>
internal sealed record DirectionTest(string Combination, IReadOnlyList<(string Name, int Label, double[] Direction)> Classes)
{
    /// <summary>Tests every class: the cosine of its direction with its carrier, and the p-value of that cosine.</summary>
    public ClassResult[] ByClass(CarrierKey key)
    {
        return [.. Classes.Select(c => Test(c.Name, Cosine(c.Direction, key.Carrier(c.Label))))];

        ClassResult Test(string name, double cosine) => new(name, cosine, CosineTest.PValueOf(cosine, key.Dimension));
    }

    /// <summary>The p-value of all classes together; the probability is over the draw of the key.</summary>
    public PValue PValueOf(CarrierKey key) => Combine(Combination, ByClass(key));

    /// <summary>Ranks a key's p-value among those of fresh keys.</summary>
    public RankCheck Rank(CarrierKey key, PValue pValue, int sets, CancellationToken cancellation) =>
        RankCheck.Run(key, pValue, PValueOf, sets, cancellation: cancellation);

    /// <summary>Combines the p-values of classes.</summary>
    public static PValue Combine(string combination, IReadOnlyList<ClassResult> classes) =>
        Statistics.Combination.Combine(combination, [.. classes.Select(c => c.PValue)])!.Value;

    /// <summary>cos(v, u).</summary>
    public static double Cosine(ReadOnlySpan<double> direction, ReadOnlySpan<float> carrier)
    {
        var product = 0.0;
        var directionSquared = 0.0;
        var carrierSquared = 0.0;
        for (var i = 0; i < direction.Length; i++)
        {
            product += direction[i] * carrier[i];
            directionSquared += direction[i] * direction[i];
            carrierSquared += (double)carrier[i] * carrier[i];
        }

        return product / Math.Sqrt(directionSquared * carrierSquared);
    }

    /// <summary>Whether a vector has a direction: it is finite, not 0, and its squared length does not overflow.</summary>
    public static bool IsDirection(double[] vector) => vector.Sum(value => value * value) is > 0 and < double.PositiveInfinity;
}
