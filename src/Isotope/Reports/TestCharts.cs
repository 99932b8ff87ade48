using Isotope.Statistics;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Series;

namespace Isotope.Reports;

/// <summary>Plots of a test and of a training.</summary>
internal static class TestCharts
{
    private const int Steps = 400;

    /// <summary>The distribution of the cosine with a carrier that the model never saw, and the observed cosines.</summary>
    /// <param name="dimension">d.</param>
    /// <param name="cosines">One per class.</param>
    public static Chart NullDistribution(int dimension, IReadOnlyList<double> cosines)
    {
        var spread = Math.Min(1, Math.Max(4.5 / Math.Sqrt(dimension), 1.15 * cosines.Max(Math.Abs)));
        var chart = new Chart(
            $"The distribution of the cosine with a random direction in {dimension} dimensions, and the {cosines.Count} observed cosines",
            "cosine with the carrier",
            "density under the null",
            height: 280
        );
        var law = Density(dimension, spread);
        chart.Model.Series.Add(law);
        chart.Model.Series.Add(
            new LineSeries
            {
                Title = "observed",
                Color = Chart.Palette[1],
                StrokeThickness = 2,
            }
        );
        foreach (var cosine in cosines)
            chart.Model.Annotations.Add(
                new LineAnnotation
                {
                    Type = LineAnnotationType.Vertical,
                    X = cosine,
                    Color = Chart.Palette[1],
                    StrokeThickness = 2,
                    LineStyle = LineStyle.Solid,
                    MaximumY = 0.35 * law.Points.Max(point => point.Y),
                }
            );
        chart.Left.Minimum = 0;
        chart.Bottom.Minimum = -spread;
        chart.Bottom.Maximum = spread;
        chart.AddLegend();
        return chart;
    }

    /// <summary>The strength of the evidence in each class: −log₁₀ p.</summary>
    /// <param name="classes">log₁₀ p by class.</param>
    public static Chart ClassPValues(IReadOnlyList<(string Label, double Log10P)> classes)
    {
        var chart = new Chart($"Evidence of {classes.Count} classes", "−log₁₀ p", "", height: 60 + 24 * classes.Count);
        chart.Left.LabelFormatter = y =>
            y == Math.Floor(y) && y >= 0 && y < classes.Count ? Chart.Text(classes[classes.Count - 1 - (int)y].Label) : "";
        chart.Left.Minimum = -0.6;
        chart.Left.Maximum = classes.Count - 0.4;
        chart.Left.MajorStep = 1;
        chart.Left.MajorGridlineStyle = LineStyle.None;
        chart.Bottom.Minimum = 0;
        foreach (var (i, (_, log10)) in classes.Index())
            chart.Model.Annotations.Add(
                new RectangleAnnotation
                {
                    MinimumX = 0,
                    MaximumX = Finite(log10),
                    MinimumY = classes.Count - 1 - i - 0.35,
                    MaximumY = classes.Count - 1 - i + 0.35,
                    Fill = Chart.Palette[0],
                }
            );
        chart.Bottom.Maximum = Math.Max(2, 1.05 * classes.Max(c => Finite(c.Log10P)));
        return chart;

        static double Finite(double log10) => Math.Min(-log10, 1e6);
    }

    /// <summary>The mean loss of each epoch.</summary>
    public static Chart History(IReadOnlyList<double> losses)
    {
        var chart = new Chart($"Training loss over {losses.Count} epochs", "epoch", "mean loss", height: 260);
        var line = new LineSeries
        {
            Color = Chart.Palette[0],
            StrokeThickness = 2,
            MarkerType = losses.Count > 60 ? MarkerType.None : MarkerType.Circle,
            MarkerSize = 3,
            MarkerFill = Chart.Palette[0],
        };
        line.Points.AddRange(losses.Select((loss, epoch) => new DataPoint(epoch + 1, loss)));
        chart.Model.Series.Add(line);
        chart.Left.Minimum = 0;
        return chart;
    }

    /// <summary>The density of the cosine's null distribution: the mass of each of 401 narrow steps, over its width.</summary>
    private static AreaSeries Density(int dimension, double spread)
    {
        var law = new AreaSeries
        {
            Title = "null",
            Color = Chart.Palette[0],
            Fill = OxyColor.FromAColor(60, Chart.Palette[0]),
            StrokeThickness = 1.5,
        };
        for (var i = 0; i <= Steps; i++)
        {
            var low = spread * (2.0 * i / Steps - 1 - 1.0 / Steps);
            var high = spread * (2.0 * i / Steps - 1 + 1.0 / Steps);
            var mass = Tail(low) - Tail(high);
            law.Points.Add(new DataPoint((low + high) / 2, mass / (high - low)));
        }

        return law;

        double Tail(double cosine) => CosineTest.PValueOf(Math.Clamp(cosine, -1, 1), dimension).Value;
    }
}
