using System.Text.Json.Serialization;
using Isotope.Carriers;
using Isotope.Numerics;
using Isotope.Runs;
using Isotope.Statistics;

namespace Isotope.Detection;

/// <summary>
/// The analytic p-value, checked where it was computed: the same test, on the same vectors, under fresh random carriers. If the formula
/// is right for this statistic, their p-values are uniform, and a share p of them is as small as the observed p.
/// </summary>
/// <param name="Sets">Fresh sets of carriers.</param>
/// <param name="Seed">They follow from it.</param>
/// <param name="AtLeastAsExtreme">Sets whose p-value is no larger than the observed one.</param>
/// <param name="BelowPercent">Sets whose p-value is at most 1 %.</param>
/// <param name="BelowPerMille">Sets whose p-value is at most 0.1 %.</param>
/// <param name="Agreement">p-value of that count if the analytic p is right: exact binomial, two-sided.</param>
/// <param name="Uniformity">p-value of the sets' p-values being uniform: Kolmogorov–Smirnov.</param>
public sealed record RankCheck(
    int Sets,
    long Seed,
    int AtLeastAsExtreme,
    int BelowPercent,
    int BelowPerMille,
    [property: JsonPropertyName("log10Agreement")] PValue Agreement,
    [property: JsonPropertyName("log10Uniformity")] PValue Uniformity
)
{
    /// <summary>
    /// Sets drawn. With an analytic p far below 1/1000 none should be as extreme, which is all that the count can say then.
    /// </summary>
    public const int DefaultSets = 999;

    /// <summary>Most sets.</summary>
    public const int MostSets = 100_000;

    /// <summary>Of either check, log₁₀: so small that a right formula is hardly ever called wrong.</summary>
    public const double Log10Level = -6;

    /// <summary>Whether neither check speaks against the analytic p-value.</summary>
    public bool Agrees => Agreement.Log10 >= Log10Level && Uniformity.Log10 >= Log10Level;

    /// <summary>Ranks an observed p-value among those of fresh keys.</summary>
    /// <param name="key">The key of the observed p-value, for its sizes alone.</param>
    /// <param name="observed">The p-value that counts.</param>
    /// <param name="test">The same test under another key; called from several threads.</param>
    /// <param name="sets">Fresh keys, at least 1.</param>
    /// <param name="seed">Seed of the fresh keys.</param>
    /// <param name="cancellation">Checked at every set.</param>
    public static RankCheck Run(
        CarrierKey key,
        PValue observed,
        Func<CarrierKey, PValue> test,
        int sets = DefaultSets,
        long seed = 0,
        CancellationToken cancellation = default
    )
    {
        RequireSets(sets);
        var seeds = new RandomStream(seed, "rank check");
        long[] ownSeeds = [.. Enumerable.Range(0, sets).Select(_ => (long)(seeds.NextUInt64() >> 1))];
        var pValues = new PValue[sets];
        Parallel.For(
            0,
            sets,
            new ParallelOptions { CancellationToken = cancellation },
            i => pValues[i] = test(CarrierKey.ForCalibration(key.Classes, key.Dimension, ownSeeds[i]))
        );
        var extreme = pValues.Count(p => p <= observed);
        return new RankCheck(
            sets,
            seed,
            extreme,
            Below(-2),
            Below(-3),
            BinomialTest.TwoSided(extreme, sets, observed),
            KolmogorovTest.PValueOf(pValues)
        );

        int Below(double log10) => pValues.Count(p => p.Log10 <= log10);
    }

    /// <exception cref="IsotopeException">There are none, or too many.</exception>
    internal static void RequireSets(int sets) =>
        OptionCheck.Require(sets is >= 1 and <= MostSets, "--rank-sets", $"1 to {MostSets}", sets);
}
