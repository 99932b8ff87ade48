namespace Isotope.Statistics;

/// <summary>Logarithms that stay accurate near zero, where those of <see cref="double"/> (LogP1, ExpM1) lose digits.</summary>
internal static class LogDomain
{
    /// <summary>ln(1 + x), x ≥ −1.</summary>
    public static double LogOnePlus(double x)
    {
        // 1 + x is rounded; the quotient x / (u − 1) undoes that rounding (Kahan).
        var u = 1 + x;
        return u == 1 ? x : Math.Log(u) * (x / (u - 1));
    }

    /// <summary>ln(1 − eˣ), x ≤ 0: from the logarithm of a probability, the logarithm of its complement.</summary>
    public static double LogOneMinusExp(double x)
    {
        var e = Math.Exp(x);
        if (e <= 0.5)
            return LogOnePlus(-e);
        if (e == 1)
            return Math.Log(-x);
        return Math.Log((1 - e) * (x / Math.Log(e)));
    }
}
