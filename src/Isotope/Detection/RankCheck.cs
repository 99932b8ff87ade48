using System.Text.Json.Serialization;
using Isotope.Carriers;
using Isotope.Numerics;
using Isotope.Runs;
using Isotope.Statistics;

namespace Isotope.Detection;

/// <summary>
/// Checks the analytic p-value where it was computed: the same test, on the same vectors, under freshly drawn keys. If the formula holds
/// for this statistic, the p-values of fresh keys are uniform, and a share p of them is as small as the observed p.
/// </summary>
/// <param name="Sets">Fresh sets of carriers.</param>
/// <param name="Seed">The seed they were drawn from.</param>
/// <param name="AtLeastAsExtreme">Sets whose p-value is no larger than the observed one.</param>
/// <param name="BelowPercent">Sets whose p-value is at most 1 %.</param>
/// <param name="BelowPerMille">Sets whose p-value is at most 0.1 %.</param>
/// <param name="Agreement">p-value of that count if the analytic p is right: exact binomial, two-sided, over the draw of the fresh
/// sets.</param>
/// <param name="Uniformity">p-value of the hypothesis that the sets' p-values are uniform: Kolmogorov–Smirnov, over the same
/// draw.</param>
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
    /// Default number of sets. With an analytic p far below 1/1000 no set should be as extreme, and the count cannot say more than that.
    /// </summary>
    public const int DefaultSets = 999;

    /// <summary>Largest number of sets.</summary>
    public const int MostSets = 100_000;

    /// <summary>log₁₀ of the level of both checks, so small that a correct formula is hardly ever rejected.</summary>
    public const double Log10Level = -6;

    /// <summary>Whether neither check contradicts the analytic p-value.</summary>
    public bool Agrees => Agreement.Log10 >= Log10Level && Uniformity.Log10 >= Log10Level;

    /// <summary>Ranks an observed p-value among those of fresh keys.</summary>
    /// <param name="key">The key of the observed p-value; only its dimensions are used.</param>
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
        var seeds = SeedsOfKeys(sets, seed);
        var pValues = new PValue[sets];
        Parallel.For(
            0,
            sets,
            new ParallelOptions { CancellationToken = cancellation },
            i => pValues[i] = test(CarrierKey.ForCalibration(key.Classes, key.Dimension, seeds[i]))
        );
        var extreme = pValues.Count(p => p <= observed);
        var agreement = BinomialTest.TwoSided(extreme, sets, observed);
        var uniformity = KolmogorovTest.PValueOf(pValues);
        return new RankCheck(sets, seed, extreme, AtMost(-2), AtMost(-3), agreement, uniformity);

        int AtMost(double log10) => pValues.Count(p => p.Log10 <= log10);
    }

    /// <exception cref="IsotopeException">There are none, or too many.</exception>
    internal static void RequireSets(int sets) =>
        OptionCheck.Require(sets is >= 1 and <= MostSets, "--rank-sets", $"1 to {MostSets}", sets, nameof(WhiteBoxOptions.RankSets));

    private static long[] SeedsOfKeys(int sets, long seed)
    {
        var random = new RandomStream(seed, "rank check");
        return [.. Enumerable.Range(0, sets).Select(_ => (long)(random.NextUInt64() >> 1))];
    }
}
