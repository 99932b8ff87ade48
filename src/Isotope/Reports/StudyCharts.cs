using Isotope.Detection;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Series;

namespace Isotope.Reports;

/// <summary>Plots of a study.</summary>
internal static class StudyCharts
{
    private const int Bins = 60;

    /// <summary>
    /// A value by the axis of rows, with a line for each column: means, and bars from the smallest repetition to the largest. Rows are
    /// evenly spaced.
    /// </summary>
    public static Chart Curve(StudyResults results, string value)
    {
        var rows = results.Rows;
        var axis = Measure.Name(results.Header.RowAxis);
        var chart = new Chart($"{Measure.Name(value)} by {axis}", axis, Measure.Name(value));
        chart.Bottom.Minimum = -0.3;
        chart.Bottom.Maximum = rows.Count - 0.7;
        chart.Bottom.MajorStep = 1;
        chart.Bottom.LabelFormatter = x => x >= 0 && x < rows.Count && x == Math.Floor(x) ? Chart.Text(rows[(int)x]) : "";
        foreach (var column in Enumerable.Range(0, results.Columns.Count))
            AddColumn(chart, results, value, column);
        if (Measure.IsLogP(value))
            chart.Model.Annotations.Add(
                new LineAnnotation
                {
                    Type = LineAnnotationType.Horizontal,
                    Y = Verdict.Strong,
                    Color = OxyColors.Gray,
                    LineStyle = LineStyle.Dash,
                }
            );
        if (results.Columns.Count > 1)
            chart.AddLegend();
        return chart;
    }

    /// <summary>Histograms of a study's series, pooled over repetitions, as densities.</summary>
    /// <param name="name">What is shown, such as "cosines".</param>
    /// <param name="series">Values by name.</param>
    public static Chart Histograms(string name, IReadOnlyList<(string Name, IReadOnlyList<double> Values)> series)
    {
        var chart = new Chart($"Histograms of {name}: {string.Join(", ", series.Select(s => s.Name))}", name, "density");
        var low = series.Min(s => s.Values.Min());
        var high = series.Max(s => s.Values.Max());
        var width = Math.Max((high - low) / Bins, 1e-9);
        foreach (var (i, (title, values)) in series.Index())
        {
            var colour = Chart.Palette[i % Chart.Palette.Count];
            var area = new AreaSeries
            {
                Title = Chart.Text(title),
                Color = colour,
                Fill = OxyColor.FromAColor(70, colour),
                StrokeThickness = 1.5,
            };
            var counts = values.CountBy(value => Math.Min(Bins - 1, (int)((value - low) / width))).ToDictionary();
            for (var bin = 0; bin < Bins; bin++)
            {
                var density = counts.GetValueOrDefault(bin) / (values.Count * width);
                area.Points.Add(new DataPoint(low + bin * width, density));
                area.Points.Add(new DataPoint(low + (bin + 1) * width, density));
            }

            chart.Model.Series.Add(area);
        }

        chart.Left.Minimum = 0;
        chart.AddLegend();
        return chart;
    }

    private static void AddColumn(Chart chart, StudyResults results, string value, int column)
    {
        var colour = Chart.Palette[column % Chart.Palette.Count];
        var offset = 0.06 * (column - (results.Columns.Count - 1) / 2.0);
        var means = new LineSeries
        {
            Title = Chart.Text(results.Columns[column]),
            Color = colour,
            MarkerType = MarkerType.Circle,
            MarkerFill = colour,
            MarkerSize = 3.5,
            StrokeThickness = 2,
        };
        var spread = new ErrorBars(colour);
        foreach (var (x, row) in results.Rows.Index())
        {
            if (results.At(row, results.Columns[column], value) is not { } repeated)
                continue;
            means.Points.Add(new DataPoint(x + offset, repeated.Mean));
            spread.Add(x + offset, repeated.Least, repeated.Most);
        }

        chart.Model.Series.Add(spread.Series);
        chart.Model.Series.Add(means);
    }

    /// <summary>Vertical bars as one broken line, which vector formats draw sharply and which needs no axis of its own.</summary>
    private sealed class ErrorBars(OxyColor colour)
    {
        public LineSeries Series { get; } =
            new()
            {
                Color = OxyColor.FromAColor(150, colour),
                StrokeThickness = 1.5,
                RenderInLegend = false,
            };

        public void Add(double x, double low, double high)
        {
            Series.Points.Add(new DataPoint(x, low));
            Series.Points.Add(new DataPoint(x, high));
            Series.Points.Add(DataPoint.Undefined);
        }
    }
}
