namespace Isotope.Statistics;

/// <summary>Logarithms that keep their digits near zero; those of <see cref="double"/> (LogP1, ExpM1) do not.</summary>
internal static class LogDomain
{
    /// <summary>ln(1 + x), x ≥ −1.</summary>
    public static double LogOnePlus(double x)
    {
        // 1 + x is rounded; the quotient x / (u − 1) undoes that rounding (Kahan).
        var u = 1 + x;
        return u == 1 ? x : Math.Log(u) * (x / (u - 1));
    }

    /// <summary>ln(1 − eˣ), x ≤ 0: the logarithm of the complement of a probability given by its own.</summary>
    public static double LogOneMinusExp(double x)
    {
        var e = Math.Exp(x);
        if (e <= 0.5)
            return LogOnePlus(-e);
        return Math.Log(e == 1 ? -x : (1 - e) * (x / Math.Log(e)));
    }
}
