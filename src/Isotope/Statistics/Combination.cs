namespace Isotope.Statistics;

/// <summary>Ways to combine the tests of all classes, by the names that results call them.</summary>
public static class Combination
{
    /// <summary>Name of <see cref="Statistics.Fisher"/>.</summary>
    public const string Fisher = "fisher";

    /// <summary>Name of <see cref="Statistics.Stouffer"/>.</summary>
    public const string Stouffer = "stouffer";

    /// <summary>Name of <see cref="Statistics.Sidak"/>.</summary>
    public const string Sidak = "sidak";

    /// <summary>The combined p-value; null where no combination has this name.</summary>
    /// <exception cref="ArgumentException">There is nothing to combine.</exception>
    public static PValue? Combine(string name, IReadOnlyCollection<PValue> pValues) =>
        name switch
        {
            Fisher => Statistics.Fisher.Combine(pValues),
            Stouffer => Statistics.Stouffer.Combine(pValues),
            Sidak => Statistics.Sidak.Combine(pValues),
            _ => null,
        };
}
