using Isotope.Detection;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Series;

namespace Isotope.Reports;

/// <summary>Plots of a study.</summary>
public static class StudyCharts
{
    private const int Bins = 60;

    /// <summary>
    /// A value over the rows' axis, a line for each column: means, and bars from the smallest repetition to the largest. Places are evenly
    /// spaced.
    /// </summary>
    public static Chart Curve(StudyResults results, string value)
    {
        var rows = results.Rows;
        var chart = new Chart(
            $"{Measure.Name(value)} by {Measure.Name(results.Header.RowAxis)}",
            Measure.Name(results.Header.RowAxis),
            Measure.Name(value)
        );
        (chart.Bottom.Minimum, chart.Bottom.Maximum, chart.Bottom.MajorStep) = (-0.3, rows.Count - 0.7, 1);
        chart.Bottom.LabelFormatter = place =>
            place >= 0 && place < rows.Count && place == Math.Floor(place) ? Chart.Text(rows[(int)place]) : "";
        foreach (var (i, column) in results.Columns.Index())
        {
            var colour = Chart.Palette[i % Chart.Palette.Count];
            var offset = 0.06 * (i - (results.Columns.Count - 1) / 2.0);
            var means = new LineSeries
            {
                Title = Chart.Text(column),
                Color = colour,
                MarkerType = MarkerType.Circle,
                MarkerFill = colour,
                MarkerSize = 3.5,
                StrokeThickness = 2,
            };
            var spread = new ErrorBarLike(colour);
            foreach (var (x, row) in rows.Index())
            {
                if (results.At(row, column, value) is not { } repeated)
                    continue;
                means.Points.Add(new DataPoint(x + offset, repeated.Mean));
                spread.Add(x + offset, repeated.Least, repeated.Most);
            }

            chart.Model.Series.Add(spread.Series);
            chart.Model.Series.Add(means);
        }

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

    /// <summary>Histograms of the series of a study's cells at a place, pooled over repetitions, as densities.</summary>
    /// <param name="name">What is shown, such as "cosines".</param>
    /// <param name="series">Values by name.</param>
    public static Chart Histograms(string name, IReadOnlyList<(string Name, IReadOnlyList<double> Values)> series)
    {
        var chart = new Chart($"Histograms of {name}: {string.Join(", ", series.Select(s => s.Name))}", name, "density");
        var (low, high) = (series.Min(s => s.Values.Min()), series.Max(s => s.Values.Max()));
        var width = Math.Max((high - low) / Bins, 1e-9);
        foreach (var (i, (title, values)) in series.Index())
        {
            var area = new AreaSeries
            {
                Title = Chart.Text(title),
                Color = Chart.Palette[i % Chart.Palette.Count],
                Fill = OxyColor.FromAColor(70, Chart.Palette[i % Chart.Palette.Count]),
                StrokeThickness = 1.5,
            };
            var counts = values
                .GroupBy(value => Math.Min(Bins - 1, (int)((value - low) / width)))
                .ToDictionary(bin => bin.Key, bin => bin.Count());
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

    /// <summary>Upright bars as one broken line: vector formats draw it crisply, and it takes no axis of its own.</summary>
    private sealed class ErrorBarLike(OxyColor colour)
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
