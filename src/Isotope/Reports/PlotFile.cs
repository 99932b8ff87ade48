using System.Text;
using Isotope.Evidence;
using Isotope.Files;

namespace Isotope.Reports;

/// <summary>The plots that results can have.</summary>
public enum PlotKind
{
    /// <summary>The null distribution of the cosine, and the observed cosines.</summary>
    Null,

    /// <summary>Evidence by class.</summary>
    Classes,

    /// <summary>Loss over epochs.</summary>
    History,

    /// <summary>A value of a study by the axis of its rows.</summary>
    Study,

    /// <summary>Histograms of a study's series.</summary>
    Histogram,
}

/// <summary>Makes plots of result files, and writes them as files.</summary>
public static class PlotFile
{
    /// <summary>Plots a result into an SVG or PNG file, by its extension, whole or not at all.</summary>
    /// <param name="kind">What to plot.</param>
    /// <param name="file">A result that has this plot.</param>
    /// <param name="path">The plot to write.</param>
    /// <param name="values">For studies: the value, or the series. Default: the first value, or all series.</param>
    /// <exception cref="IsotopeException">The file can't be read or does not have this plot, or the plot can't be written.</exception>
    public static void Write(PlotKind kind, string file, string path, IReadOnlyList<string>? values = null) =>
        Save(Of(kind, file, values), path);

    /// <summary>Plots a result.</summary>
    /// <param name="kind">What to plot.</param>
    /// <param name="file">A result that has this plot.</param>
    /// <param name="values">For studies: the value, or the series. Default: the first value, or all series.</param>
    /// <exception cref="IsotopeException">The file can't be read, or does not have this plot.</exception>
    internal static Chart Of(PlotKind kind, string file, IReadOnlyList<string>? values = null)
    {
        values ??= [];
        if (kind is not (PlotKind.Study or PlotKind.Histogram) && values.Count > 0)
            throw new IsotopeException($"--value: expected none beside a plot of {kind.ToString().ToLowerInvariant()}, found {values[0]}");
        return kind switch
        {
            PlotKind.Null => Null(CosinesOf(file)),
            PlotKind.Classes => TestCharts.ClassPValues(Classes(TestResult.Load(file))),
            PlotKind.History => History(file),
            PlotKind.Study => Curve(file, StudyResults.Load(file), values),
            _ => Histogram(file, values),
        };
    }

    /// <summary>Writes a plot as SVG or PNG, by the file's extension, whole or not at all.</summary>
    /// <exception cref="IsotopeException">The extension is another one, or the file can't be written.</exception>
    internal static void Save(Chart chart, string path)
    {
        var bytes = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".svg" => Encoding.UTF8.GetBytes(chart.ToSvg(alone: true)),
            ".png" => chart.ToPng(),
            _ => throw new IsotopeException($"--out {path}: expected a file .svg or .png, found another"),
        };
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }

    private static Chart Null(CosineDetails details) =>
        TestCharts.NullDistribution(details.Dimension, [.. details.Classes.Select(c => c.Cosine)]);

    private static Chart History(string file)
    {
        var losses = TrainingFacts.Load(file).Losses;
        if (losses.Count == 0)
            throw new IsotopeException($"{file}: expected losses of epochs, found none");
        return TestCharts.History(losses);
    }

    private static Chart Curve(string file, StudyResults results, IReadOnlyList<string> values)
    {
        if (results.Rows.Count == 0)
            throw new IsotopeException($"{file}: expected experiments with a value on the axis {results.Header.RowAxis}, found none");
        var names = results.Cells.SelectMany(cell => cell.Values.Keys).Distinct(StringComparer.Ordinal);
        string[] measured = [.. names.Order(StringComparer.Ordinal)];
        var value = values switch
        {
            [] => results.Header.Measures[0],
            [var one] => one,
            _ => throw new IsotopeException($"--value: expected one value of a plot of a study, found {values.Count}"),
        };
        if (!measured.Contains(value))
            throw new IsotopeException($"{file}: expected a value of {string.Join(", ", measured)}, found '{value}'");
        return StudyCharts.Curve(results, value);
    }

    private static CosineDetails CosinesOf(string file)
    {
        var result = TestResult.Load(file);
        if (result.Kind == TestKinds.BlackBox)
            throw new IsotopeException($"{file}: expected a test of cosines, found a black-box test, whose ranks have none");
        return CosineDetails.Of(result.Kind, result.Details);
    }

    private static IReadOnlyList<(string, double)> Classes(TestResult result) =>
        result.Kind == TestKinds.BlackBox
            ? [.. BlackBoxDetails.Of(result.Details).Classes.Select(c => (c.Label, c.PValue.Log10))]
            : [.. CosineDetails.Of(result.Kind, result.Details).Classes.Select(c => (c.Label, c.PValue.Log10))];

    private static Chart Histogram(string file, IReadOnlyList<string> names)
    {
        var cells = StudyResults.Load(file).Cells.Where(cell => cell.Series is not null).ToArray();
        string[] measured = [.. cells.SelectMany(cell => cell.Series!.Keys).Distinct(StringComparer.Ordinal)];
        if (measured.Length == 0)
            throw new IsotopeException($"{file}: expected series to make a histogram of, found none");
        if (names.FirstOrDefault(name => !measured.Contains(name)) is { } unknown)
            throw new IsotopeException($"{file}: expected series of {string.Join(", ", measured)}, found '{unknown}'");
        var chosen = measured.Where(name => names.Count == 0 || names.Contains(name));
        return StudyCharts.Histograms("value", [.. chosen.Select(name => (name, Pooled(name)))]);

        IReadOnlyList<double> Pooled(string name) => [.. cells.SelectMany(cell => cell.Series!.GetValueOrDefault(name, []))];
    }
}
