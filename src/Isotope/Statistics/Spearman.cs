using Isotope.Numerics;

namespace Isotope.Statistics;

/// <summary>Spearman's rank correlation, and how often chance gives one as low.</summary>
/// <param name="Rho">ρ, from −1 to 1: Pearson's correlation of the ranks. Equal values share their mean rank.</param>
/// <param name="PValue">P(ρ ≤ the observed one) over random pairings of the values: the one-sided test of a negative correlation.</param>
internal sealed record SpearmanResult(double Rho, PValue PValue);

/// <summary>
/// Spearman's test of a negative correlation (paper §5.5: classes that are learned worse carry more of the mark). It is a permutation test,
/// hence exact whatever the distribution of the values, ties included. Up to twelve values all pairings are counted; beyond that, 99,999
/// random ones and the observed one.
/// </summary>
internal static class Spearman
{
    private const int MostCounted = 12;
    private const int Shuffles = 99_999;

    /// <summary>Tests values in pairs.</summary>
    /// <param name="x">At least three values.</param>
    /// <param name="y">As many values.</param>
    /// <exception cref="ArgumentException">There are too few values, more of one than of the other, values that are not finite, or only
    /// equal ones.</exception>
    public static SpearmanResult Test(IReadOnlyList<double> x, IReadOnlyList<double> y) => Test(x, y, Shuffles);

    /// <summary>The public test with another number of random pairings: always exact, and finer the more there are.</summary>
    internal static SpearmanResult Test(IReadOnlyList<double> x, IReadOnlyList<double> y, int shuffles)
    {
        if (x.Count != y.Count || x.Count < 3)
            throw new ArgumentException($"Expected as many values of both, at least 3, found {x.Count} and {y.Count}.");
        if (!x.Concat(y).All(double.IsFinite))
            throw new ArgumentException("Expected finite values.");
        var first = TwiceRanks(x);
        var second = TwiceRanks(y);
        if (first.Distinct().Count() == 1 || second.Distinct().Count() == 1)
            throw new ArgumentException("Expected values that differ, found equal ones: they have no order.");
        var observed = SumOfProducts(first, second);
        var pValue = x.Count <= MostCounted ? CountPairings(first, second, observed) : SamplePairings(first, second, observed, shuffles);
        return new SpearmanResult(Rho(first, second), pValue);
    }

    /// <summary>Twice the mean ranks, which are whole numbers.</summary>
    private static int[] TwiceRanks(IReadOnlyList<double> values)
    {
        return [.. values.Select(TwiceRank)];

        int TwiceRank(double value)
        {
            var smaller = values.Count(other => other < value);
            var equal = values.Count(other => other == value);
            return 2 * smaller + equal + 1;
        }
    }

    private static long SumOfProducts(int[] first, int[] second) => first.Zip(second, (a, b) => (long)a * b).Sum();

    private static double Rho(int[] first, int[] second)
    {
        var meanFirst = first.Average();
        var meanSecond = second.Average();
        var covariance = first.Zip(second, (a, b) => (a - meanFirst) * (b - meanSecond)).Sum();
        return covariance / Math.Sqrt(first.Sum(a => Math.Pow(a - meanFirst, 2)) * second.Sum(b => Math.Pow(b - meanSecond, 2)));
    }

    /// <summary>
    /// The share of all n! pairings whose sum of products is at most the observed one, counted by the set of second values used so far.
    /// </summary>
    private static PValue CountPairings(int[] first, int[] second, long observed)
    {
        var n = first.Length;
        var counts = new Dictionary<long, double>[1 << n];
        counts[0] = new Dictionary<long, double> { [0] = 1 };
        for (var used = 0; used < counts.Length - 1; used++)
        {
            var next = first[int.PopCount(used)];
            for (var j = 0; j < n; j++)
                if ((used & (1 << j)) == 0)
                    Add(counts[used], counts[used | (1 << j)] ??= [], (long)next * second[j]);
            counts[used] = []; // passed on to larger sets: free the memory
        }

        var all = counts[^1];
        var low = all.Where(sum => sum.Key <= observed).Sum(sum => sum.Value);
        return PValue.FromValue(Math.Min(1, low / all.Values.Sum()));
    }

    private static void Add(Dictionary<long, double> from, Dictionary<long, double> to, long product)
    {
        foreach (var (sum, count) in from)
            to[sum + product] = to.GetValueOrDefault(sum + product) + count;
    }

    private static PValue SamplePairings(int[] first, int[] second, long observed, int shuffles)
    {
        var random = new RandomStream(seed: 0, "spearman");
        var shuffled = second.ToArray();
        var low = 1;
        for (var i = 0; i < shuffles; i++)
        {
            random.Shuffle<int>(shuffled);
            if (SumOfProducts(first, shuffled) <= observed)
                low++;
        }

        return PValue.FromValue((double)low / (shuffles + 1));
    }
}
