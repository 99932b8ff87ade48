using System.Numerics;
using System.Numerics.Tensors;

namespace Isotope.Statistics;

/// <summary>
/// Combines the ranks of published versions among K exchangeable ones (§3.5). Over the draw of the key, the ranks are independent and
/// uniform over 1 … K for a model that never saw those versions. With K = 2 this is the sign test.
/// </summary>
/// <remarks>
/// The statistic is Σ ln(K/(rᵢ − ½)), rounded to hundredths so that its distribution lies on a lattice (beyond some hundred versions the
/// last ranks share a score). Among ranks, normal scores and these logarithms, the logarithms were chosen before any data were seen: their
/// log p is within 4 % of the best where the mark shows equally in all units, and well ahead where it shows in some units only, as happens
/// with classes, whose displacements differ threefold.
/// </remarks>
internal static class RankTest
{
    private const double LevelsPerUnit = 100;

    /// <summary>Largest feasible <see cref="Work"/>: a few minutes. 21,841 classes in 20 versions take two thirds of it.</summary>
    private const double MostWork = 1e8;

    /// <summary>Beyond this many versions, scores are shared.</summary>
    private const int MostLevels = 1000;

    /// <summary>
    /// Probabilities at the ends of a distribution that are dropped: even their sum does not reach the first twenty digits of a tail.
    /// </summary>
    private const double Negligible = 1e-45;

    /// <summary>Largest exponent of a tilt, far from overflow.</summary>
    private const double LargestTilt = 600;

    /// <summary>
    /// P(statistic ≥ the observed one) over the draw of the key, which gives every version the same chance of being the published one.
    /// Computed exactly, not by Monte Carlo, so it can be as small as K to the power of minus the number of units.
    /// </summary>
    /// <param name="ranks">Rank of each unit's published version, 1 for the most marked.</param>
    /// <param name="versions">K, at least 2.</param>
    /// <returns>1 if there are no units.</returns>
    public static PValue Combine(IReadOnlyCollection<int> ranks, int versions)
    {
        if (ranks.Any(rank => rank < 1 || rank > versions))
            throw new ArgumentOutOfRangeException(nameof(ranks), "A rank lies between 1 and the number of versions.");
        var scores = Scores(versions);
        var observed = ranks.Sum(rank => scores[rank - 1]);
        return observed == 0 ? default : PValue.FromLogE(Math.Min(0, LogTail(scores, ranks.Count, observed)));
    }

    /// <summary>Whether the distribution for this many ranks can be computed in a few minutes.</summary>
    internal static bool IsFeasible(int units, int versions) => Work(units, versions) <= MostWork;

    /// <summary>
    /// Steps of the convolution, within a constant factor: for every unit and level, a distribution as wide as the root of the number of
    /// units.
    /// </summary>
    private static double Work(int units, int versions) => Math.Pow(units, 1.5) * Math.Min(versions, MostLevels);

    /// <summary>Scores of ranks 1 … K as integers without a common divisor, the smallest of which is 0.</summary>
    private static int[] Scores(int versions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(versions, 2);
        int[] levels = [.. Enumerable.Range(1, versions).Select(Level)];
        var divisor = levels.Aggregate(0, (a, b) => (int)BigInteger.GreatestCommonDivisor(a, b));
        return [.. levels.Select(level => level / divisor)];

        int Level(int rank) => (int)Math.Round(LevelsPerUnit * Math.Log((versions - 0.5) / (rank - 0.5)));
    }

    /// <summary>
    /// ln P(S ≥ s) for the sum S of n scores. The distribution is convolved under the exponential tilt e^θx that moves its mean to s, where
    /// the tail has an ordinary size; the tilt is undone afterwards. The relative accuracy is full however small the tail is.
    /// </summary>
    private static double LogTail(int[] scores, int units, int observed)
    {
        var tilt = Tilt(scores, units, observed);
        var logMass = LogMass(scores, tilt);
        var (first, law) = Law(scores, units, tilt, logMass);
        var tail = 0.0;
        for (var s = first + law.Length - 1; s >= Math.Max(observed, first); s--)
            tail += law[s - first] * Math.Exp(-tilt * (s - observed));
        return units * logMass - tilt * observed + Math.Log(tail);
    }

    /// <summary>The distribution of the sum of n tilted scores, from its first to its last value that is not negligible.</summary>
    private static (int First, double[] Law) Law(int[] scores, int units, double tilt, double logMass)
    {
        var one = new double[scores[0] + 1];
        foreach (var score in scores)
            one[score] += Math.Exp(tilt * score - logMass) / scores.Length;
        var levels = scores.Distinct().ToArray();
        var first = 0;
        double[] law = [1];
        for (var unit = 0; unit < units; unit++)
        {
            var next = new double[law.Length + scores[0]];
            foreach (var level in levels)
            {
                var shifted = next.AsSpan(level, law.Length);
                TensorPrimitives.MultiplyAdd(law, one[level], shifted, shifted);
            }

            var start = next.AsSpan().IndexOfAnyExceptInRange(0, Negligible);
            var end = next.AsSpan().LastIndexOfAnyExceptInRange(0, Negligible) + 1;
            first += start;
            law = next[start..end];
        }

        return (first, law);
    }

    /// <summary>θ ≥ 0 under which the sum of n scores has the observed value as its mean; 0 if that is no larger than the mean.</summary>
    private static double Tilt(int[] scores, int units, int observed)
    {
        var low = 0.0;
        var high = LargestTilt / scores[0];
        for (var step = 0; step < 60; step++)
        {
            var middle = (low + high) / 2;
            var logMass = LogMass(scores, middle);
            var mean = scores.Average(score => score * Math.Exp(middle * score - logMass));
            if (units * mean < observed)
                low = middle;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>ln of the mean of e^θx over the scores.</summary>
    private static double LogMass(int[] scores, double tilt) => Math.Log(scores.Average(score => Math.Exp(tilt * score)));
}
