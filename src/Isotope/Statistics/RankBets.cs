namespace Isotope.Statistics;

/// <summary>
/// A test of ranks that may stop at any time. It bets on the rank of each unit's published version, at fair odds for a model that never saw
/// that version; over the draw of the key, its wealth then stays below 1/α with probability at least 1 − α (Ville's inequality). The order
/// of the units is fixed beforehand.
/// </summary>
/// <remarks>
/// A bet of strength θ pays K·(r − ½)^−θ / Σⱼ(j − ½)^−θ at rank r of K, one on average. The wealth is the mean over strengths from 1/16
/// (ranks that are slightly low) to 4 (nearly always first), so it comes within a factor of 7 of the best of them.
/// </remarks>
internal sealed class RankBets
{
    private static readonly double[] Strengths = [1.0 / 16, 1.0 / 8, 0.25, 0.5, 1, 2, 4];
    private readonly double[] logScales;
    private readonly double[] logWealths = new double[Strengths.Length];
    private readonly int versions;

    /// <summary>Bets on ranks among K versions.</summary>
    public RankBets(int versions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(versions, 2);
        this.versions = versions;
        logScales = [.. Strengths.Select(LogScale)];
    }

    /// <summary>The anytime-valid p-value after these ranks; the probability is over the draw of the key.</summary>
    public static PValue PValueOf(IEnumerable<int> ranks, int versions)
    {
        var bets = new RankBets(versions);
        foreach (var rank in ranks)
            bets.Add(rank);
        return bets.PValue;
    }

    /// <summary>ln of the current wealth.</summary>
    public double LogWealth { get; private set; }

    /// <summary>ln of the largest wealth so far, at least 0.</summary>
    public double LogLargest { get; private set; }

    /// <summary>The anytime-valid p-value 1 / largest wealth; the probability is over the draw of the key.</summary>
    public PValue PValue => PValue.FromLogE(-LogLargest);

    /// <summary>Adds the rank of the next unit, from 1.</summary>
    public void Add(int rank)
    {
        if (rank < 1 || rank > versions)
            throw new ArgumentOutOfRangeException(nameof(rank), rank, "A rank lies between 1 and the number of versions.");
        for (var i = 0; i < Strengths.Length; i++)
            logWealths[i] += logScales[i] - Strengths[i] * Math.Log(rank - 0.5);
        var best = logWealths.Max();
        LogWealth = best + Math.Log(logWealths.Average(log => Math.Exp(log - best)));
        LogLargest = Math.Max(LogLargest, LogWealth);
    }

    /// <summary>ln K/Σⱼ(j − ½)^−θ, which makes the bet fair.</summary>
    private double LogScale(double strength)
    {
        var sum = Enumerable.Range(1, versions).Sum(rank => Math.Pow(rank - 0.5, -strength));
        return Math.Log(versions) - Math.Log(sum);
    }
}
