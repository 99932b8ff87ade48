namespace Isotope.Statistics;

/// <summary>The regularised incomplete beta function with one parameter ½, all that a cosine needs (paper §3.1).</summary>
internal static class IncompleteBeta
{
    private static readonly double HalfLogPi = 0.5 * Math.Log(Math.PI);

    /// <summary>ln I_x(a, ½) for x ≤ (a + 1)/(a + 2.5), where the continued fraction converges fast.</summary>
    /// <param name="a">The first parameter, above zero.</param>
    /// <param name="x">The argument.</param>
    /// <param name="logX">ln x, passed separately because near x = 1 the caller knows more digits of it.</param>
    /// <param name="logY">ln y with y = 1 − x.</param>
    public static double LogUpper(double a, double x, double logX, double logY) =>
        a * logX + 0.5 * logY - Math.Log(a) - LogBeta(a) - Math.Log(Fraction(a, 0.5, x));

    /// <summary>
    /// ln I_y(½, a) = ln(1 − I_x(a, ½)) for y = 1 − x ≤ 1.5/(a + 2.5), where <see cref="LogUpper"/> converges slowly. It takes the same
    /// logarithms.
    /// </summary>
    public static double LogLower(double a, double y, double logX, double logY) =>
        0.5 * logY + a * logX - Math.Log(0.5) - LogBeta(a) - Math.Log(Fraction(0.5, a, y));

    /// <summary>
    /// ln B(a, ½) = ½·ln π − ln Γ(a + ½)/Γ(a). The quotient has a Stirling series of its own, since two log-gammas of a large a would
    /// cancel.
    /// </summary>
    private static double LogBeta(double a)
    {
        var shift = 1.0;
        for (; a < 16; a++)
            shift *= a / (a + 0.5);

        var s = 1 / (a * a);
        var series = (-1.0 / 8 + s * (1.0 / 192 + s * (-1.0 / 640 + s * (17.0 / 14336 - s * 31 / 18432)))) / a;
        return HalfLogPi - Math.Log(shift) - 0.5 * Math.Log(a) - series;
    }

    /// <summary>The continued fraction 1 + d₁/(1 + d₂/(1 + …)) of DLMF 8.17.22, by Lentz's method.</summary>
    private static double Fraction(double a, double b, double x)
    {
        var value = 1.0;
        var numerator = 1.0;
        var denominator = 0.0;
        for (var n = 1; ; n++)
        {
            var term = Coefficient(n, a, b) * x;
            numerator = 1 + term / numerator;
            denominator = 1 / (1 + term * denominator);
            var factor = numerator * denominator;
            value *= factor;
            if (!(Math.Abs(factor - 1) > 1e-15))
                return value;
        }
    }

    private static double Coefficient(int n, double a, double b)
    {
        double m = n / 2;
        if (n % 2 == 0)
            return m * (b - m) / ((a + 2 * m - 1) * (a + 2 * m));
        return -(a + m) * (a + b + m) / ((a + 2 * m) * (a + 2 * m + 1));
    }
}
