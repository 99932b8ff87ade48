using System.Globalization;
using Isotope.Reports;
using OxyPlot.Series;

namespace Isotope.Tests.Reports;

public sealed class ChartTests
{
    /// <summary>The same figure on every machine.</summary>
    [Fact]
    public void ToSvg_InALanguageWithDecimalCommas_IsTheSame()
    {
        var (before, invariant) = (CultureInfo.CurrentCulture, Svg());
        var german = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        german.NumberFormat.NumberDecimalSeparator = ",";
        try
        {
            CultureInfo.CurrentCulture = german;
            Assert.Equal("0,5", 0.5.ToString(CultureInfo.CurrentCulture));
            Assert.Equal(invariant, Svg());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        Assert.Contains("0.5", invariant);
    }

    /// <summary>A class may be called anything.</summary>
    [Fact]
    public async Task ToSvg_NameLikeAStyle_TakesNoTimeThatDoublesWithItsLength()
    {
        var chart = TestCharts.ClassPValues([($" style=\"{string.Concat(Enumerable.Repeat("aa:aa:", 40))};;", -1.0)]);
        Assert.Contains(
            "<svg",
            await Task.Run(() => chart.ToSvg(alone: true)).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken)
        );
    }

    private static string Svg()
    {
        var (chart, series) = (new Chart("A line", "x", "y"), new LineSeries());
        series.Points.AddRange([new(0, 0), new(1, 1)]);
        chart.Model.Series.Add(series);
        return chart.ToSvg();
    }
}
