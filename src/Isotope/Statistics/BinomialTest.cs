namespace Isotope.Statistics;

/// <summary>Does a count of successes fit a stated probability? Exact and two-sided.</summary>
internal static class BinomialTest
{
    /// <summary>min(1, 2·min(P(X ≤ k), P(X ≥ k))) for a binomial X.</summary>
    /// <param name="successes">k, from 0 to <paramref name="trials"/>.</param>
    /// <param name="trials">n ≥ 1.</param>
    /// <param name="probability">The stated probability of success, which may be far below the range of a double.</param>
    public static PValue TwoSided(int successes, int trials, PValue probability)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, trials);
        var below = LogSum(0, successes, trials, probability.LogE);
        var above = LogSum(successes, trials, trials, probability.LogE);
        return PValue.FromLogE(Math.Min(0, Math.Log(2) + Math.Min(below, above)));
    }

    /// <summary>ln P(from ≤ X ≤ to), the sum of C(n, k)·pᵏ(1 − p)ⁿ⁻ᵏ with 0·ln 0 = 0.</summary>
    private static double LogSum(int from, int to, int trials, double logP)
    {
        var logQ = LogDomain.LogOneMinusExp(logP);
        var logTerms = new double[to - from + 1];
        var logChoices = 0.0;
        for (var k = 0; k <= to; k++)
        {
            if (k > 0)
                logChoices += Math.Log((double)(trials - k + 1) / k);
            if (k < from)
                continue;
            var logSuccesses = k == 0 ? 0 : k * logP;
            var logFailures = k == trials ? 0 : (trials - k) * logQ;
            logTerms[k - from] = logChoices + logSuccesses + logFailures;
        }

        var largest = logTerms.Max();
        return double.IsNegativeInfinity(largest) ? largest : largest + Math.Log(logTerms.Sum(term => Math.Exp(term - largest)));
    }
}
