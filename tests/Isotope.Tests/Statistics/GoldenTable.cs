using System.Globalization;

namespace Isotope.Tests.Statistics;

/// <summary>A table made by Golden/make_golden.py: the last column is log₁₀ p, those before it are the input.</summary>
internal static class GoldenTable
{
    /// <summary>
    /// Compares <paramref name="log10OfRow"/> with every row, by the relative error of log₁₀ p; values too near p = 1 for a
    /// normal double count as 0.
    /// </summary>
    public static void AssertAgrees(string name, double tolerance, Func<double[], double> log10OfRow)
    {
        var worst = 0.0;
        var worstRow = "";
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Statistics", "Golden", name)).Skip(1))
        {
            var row = line.Split(',').Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)).ToArray();
            var error = RelativeError(log10OfRow(row[..^1]), row[^1]);
            if (!(error <= worst))
                (worst, worstRow) = (error, line);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: largest relative error {worst:e2} at {worstRow}");
        Assert.True(worst <= tolerance, $"{name}: relative error {worst:e2} at {worstRow}");
    }

    private static double RelativeError(double actual, double expected) =>
        Math.Abs(actual - expected) / Math.Max(Math.Abs(expected), 1e-300);
}
