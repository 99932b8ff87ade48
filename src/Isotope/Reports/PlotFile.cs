using System.Text;
using Isotope.Evidence;
using Isotope.Files;

namespace Isotope.Reports;

/// <summary>What can be plotted of a result.</summary>
public enum PlotKind
{
    /// <summary>The law of the cosine under the null, and the observed cosines.</summary>
    Null,

    /// <summary>Evidence by class.</summary>
    Classes,

    /// <summary>Loss over epochs.</summary>
    History,

    /// <summary>A value of a study over its rows.</summary>
    Study,

    /// <summary>Histograms of a study's series.</summary>
    Histogram,
}

/// <summary>Plots as files.</summary>
public static class PlotFile
{
    /// <summary>The plot of a result.</summary>
    /// <param name="kind">What is plotted.</param>
    /// <param name="file">A result that has it.</param>
    /// <param name="values">Of a study: the value, or the series; default: its first value, all series.</param>
    /// <exception cref="IsotopeException">The file can't be read, or has nothing of the kind.</exception>
    public static Chart Of(PlotKind kind, string file, IReadOnlyList<string>? values = null) =>
        kind switch
        {
            not (PlotKind.Study or PlotKind.Histogram) when values is { Count: > 0 } => throw new IsotopeException(
                $"--value: expected none beside a plot of {kind.ToString().ToLowerInvariant()}, found {values[0]}"
            ),
            PlotKind.Null => Null(Details(file)),
            PlotKind.Classes => TestCharts.ClassPValues(Classes(TestResult.Load(file))),
            PlotKind.History => TrainingFacts.Load(file) is { Losses.Count: > 0 } facts
                ? TestCharts.History(facts.Losses)
                : throw new IsotopeException($"{file}: expected losses of epochs, found none"),
            PlotKind.Study => Curve(file, StudyResults.Load(file), values ?? []),
            _ => Histogram(file, values ?? []),
        };

    /// <summary>Writes a plot as SVG or PNG, as the file's name says, whole or not at all.</summary>
    /// <exception cref="IsotopeException">It is another kind of file, or can't be written.</exception>
    public static void Save(Chart chart, string path)
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

    private static Chart Curve(string file, StudyResults results, IReadOnlyList<string> values)
    {
        if (results.Rows.Count == 0)
            throw new IsotopeException($"{file}: expected experiments with a place on the axis {results.Header.RowAxis}, found none");
        string[] measured =
        [
            .. results.Cells.SelectMany(cell => cell.Values.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
        ];
        var value = values switch
        {
            [] => results.Header.Measures[0],
            [var one] => one,
            _ => throw new IsotopeException($"--value: expected one value of a plot of a study, found {values.Count}"),
        };
        return measured.Contains(value)
            ? StudyCharts.Curve(results, value)
            : throw new IsotopeException($"{file}: expected a value of {string.Join(", ", measured)}, found '{value}'");
    }

    private static CosineDetails Details(string file)
    {
        var result = TestResult.Load(file);
        return result.Kind == TestKinds.BlackBox
            ? throw new IsotopeException($"{file}: expected a test of cosines, found a black-box test, whose ranks have none")
            : CosineDetails.Of(result.Kind, result.Details);
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
        var found = measured.Where(name => names.Count == 0 || names.Contains(name));
        return StudyCharts.Histograms(
            "value",
            [
                .. found.Select(name =>
                    (name, (IReadOnlyList<double>)[.. cells.SelectMany(cell => cell.Series!.GetValueOrDefault(name, []))])
                ),
            ]
        );
    }
}
