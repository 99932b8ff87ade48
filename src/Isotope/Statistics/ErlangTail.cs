namespace Isotope.Statistics;

/// <summary>
/// The upper tail of a sum of k unit exponentials. It is the tail of χ² with 2k degrees of freedom at twice the sum.
/// </summary>
internal static class ErlangTail
{
    /// <summary>Terms smaller than this share of the sum no longer change it.</summary>
    private const double Negligible = 1e-17;

    private static readonly double LogTwoPi = Math.Log(2 * Math.PI);

    /// <summary>ln P(E₁ + … + E_k ≥ x) = ln Σ_{j&lt;k} e⁻ˣxʲ/j!, for k ≥ 1 and x in [0, ∞].</summary>
    public static double Log(int k, double x) =>
        x switch
        {
            0 => 0,
            double.PositiveInfinity => double.NegativeInfinity,
            _ when x < k => LogDomain.LogOneMinusExp(LogPoisson(k, x) + Math.Log(SumUpwards(k, x))),
            _ => LogPoisson(k - 1, x) + Math.Log(SumDownwards(k - 1, x)),
        };

    /// <summary>The sum of the Poisson terms n, n + 1, … at mean x &lt; n, in units of the first.</summary>
    private static double SumUpwards(int n, double x)
    {
        var sum = 1.0;
        var j = n + 1.0;
        var term = x / j;
        while (term > Negligible * sum)
        {
            sum += term;
            j++;
            term *= x / j;
        }

        return sum;
    }

    /// <summary>The sum of the Poisson terms n, n − 1, …, 0 at mean x > n, in units of the first.</summary>
    private static double SumDownwards(int n, double x)
    {
        var sum = 1.0;
        double j = n;
        var term = j / x;
        while (term > Negligible * sum)
        {
            sum += term;
            j--;
            term *= j / x;
        }

        return sum;
    }

    /// <summary>ln e⁻ˣxⁿ/n!, for finite x above zero.</summary>
    private static double LogPoisson(int n, double x)
    {
        if (n < 16)
            return n * Math.Log(x) - x - LogFactorial(n);

        // Near x = n the three terms would cancel; Stirling's formula removes their large parts (Loader's deviance).
        var excess = (x - n) / n;
        var logRatio = x < 0.5 * n ? Math.Log(x / n) : LogDomain.LogOnePlus(excess);
        return n * (logRatio - excess) - 0.5 * (LogTwoPi + Math.Log(n)) - StirlingError(n);
    }

    private static double LogFactorial(int n)
    {
        var product = 1.0;
        for (var j = 2; j <= n; j++)
            product *= j;
        return Math.Log(product);
    }

    /// <summary>ln n! − ln √(2πn)(n/e)ⁿ, for n ≥ 16.</summary>
    private static double StirlingError(double n)
    {
        var s = 1 / (n * n);
        return (1.0 / 12 - s * (1.0 / 360 - s * (1.0 / 1260 - s * (1.0 / 1680 - s / 1188)))) / n;
    }
}
