namespace Isotope.Statistics;

/// <summary>The ways to combine the tests of all classes, by their names in results.</summary>
internal static class Combination
{
    /// <summary>Name of <see cref="Statistics.Fisher"/>.</summary>
    public const string Fisher = "fisher";

    /// <summary>Name of <see cref="Statistics.Stouffer"/>.</summary>
    public const string Stouffer = "stouffer";

    /// <summary>Name of <see cref="Statistics.Sidak"/>.</summary>
    public const string Sidak = "sidak";

    /// <summary>Combines p-values by the named method; null if no method has this name.</summary>
    /// <exception cref="ArgumentException">There are no p-values.</exception>
    public static PValue? Combine(string name, IReadOnlyCollection<PValue> pValues) =>
        name switch
        {
            Fisher => Statistics.Fisher.Combine(pValues),
            Stouffer => Statistics.Stouffer.Combine(pValues),
            Sidak => Statistics.Sidak.Combine(pValues),
            _ => null,
        };

    /// <exception cref="ArgumentException">There are no p-values.</exception>
    internal static void RequireAny(IReadOnlyCollection<PValue> pValues)
    {
        ArgumentNullException.ThrowIfNull(pValues);
        if (pValues.Count == 0)
            throw new ArgumentException("Nothing to combine: at least one p-value is needed.", nameof(pValues));
    }
}
