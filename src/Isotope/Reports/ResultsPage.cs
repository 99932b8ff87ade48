using System.Globalization;
using System.Text;
using Isotope.Datasets;

namespace Isotope.Reports;

/// <summary>
/// A page of studies in Markdown: what the paper claims, what was run, a table of means and ranges, charts, and remarks. Tables and charts come from
/// the results alone; remarks are a file beside them, <c>STUDY.md</c>.
/// </summary>
public static class ResultsPage
{
    private const int Digits = 3;

    /// <summary>Writes the page, and the charts beside the results.</summary>
    /// <param name="files">Results of studies; the page has them by the studies' names.</param>
    /// <param name="output">The Markdown file.</param>
    /// <exception cref="IsotopeException">Results can't be read, or the page not be written.</exception>
    public static void Write(IReadOnlyList<string> files, string output)
    {
        var page = new StringBuilder(Introduction);
        foreach (var (file, results) in files.Select(file => (file, Results: StudyResults.Load(file))).OrderBy(study => study.Results.Header.Study, StringComparer.Ordinal))
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {results.Header.Paper}: {Escape(results.Header.Title)}\n\n");
            page.Append(CultureInfo.InvariantCulture, $"The paper: {Escape(results.Header.Claim)}\n\n{Runs(results)}\n\n");
            AppendTable(page, results);
            foreach (var chart in WriteCharts(results, file)) page.Append(CultureInfo.InvariantCulture, $"\n![{chart.Description}]({Relative(output, chart.Path)})\n");
            if (Path.ChangeExtension(file, ".md") is var remarks && File.Exists(remarks)) page.Append('\n').Append(File.ReadAllText(remarks).Trim()).Append('\n');
        }

        AtomicFile.Write(output, stream => stream.Write(Encoding.UTF8.GetBytes(page.ToString())));
    }

    private const string Introduction = """
        # Results

        The paper's experiments, run again with Isotope. This page is generated (`isotope results`) from the data beside it in [results/](results): every line there is one
        experiment with its settings, the hashes of its inputs and all that was measured. [recipes/paper](../recipes/paper) has the recipes.

        Data, networks and budgets are far smaller than the paper's (CIFAR-10 or Fashion-MNIST for ImageNet, ten classes for a thousand, 64 dimensions for 512 or more), so it
        is the shape that can be compared, not the numbers. Every repetition has a key, marks and seeds of its own. A cell shows the mean and, where there are several repetitions, the
        range; log10P is log₁₀ p of the test that Isotope makes by default (response, Stouffer), log10PPaper that of the paper's (Fisher). q = 0 is the control: a model that
        never saw a mark, whose p-value is a random draw. wrongKeysBelow1Percent is the share of 999 fresh keys that find a mark at 1 % in the same model: 0.01 is right,
        0.004 to 0.016 is chance. They are the same 999 everywhere, so places next to each other deviate alike.

        """;

    private static string Runs(StudyResults results)
    {
        if (results.Cells.Count == 0) return StudyReport.NothingRun;
        var seconds = results.Cells.Select(cell => cell.Seconds).ToArray();
        int[] counts = [.. results.Rows.SelectMany(row => results.Columns.Select(column => results.CellsAt(row, column).Count())).Where(count => count > 0).Distinct().Order()];
        var repetitions = counts switch
        {
            [] => "none of them in the table",
            [var same] => $"n = {same} in every place of the table",
            [var least, .., var most] => $"n = {least} to {most} in a place of the table",
        };
        return string.Create(CultureInfo.InvariantCulture, $"Run: {results.Cells.Count} experiments, {repetitions}; {seconds.Sum() / 3600:F1} hours on one busy core in all (Isotope {results.Header.Isotope}).");
    }

    private static void AppendTable(StringBuilder page, StudyResults results)
    {
        var columns = results.Columns.SelectMany(column => results.Header.Measures.Select(value => (Column: column, Value: value)))
            .Where(place => results.Rows.Any(row => results.At(row, place.Column, place.Value) is not null)).ToArray();
        if (columns.Length == 0) return;
        page.Append(CultureInfo.InvariantCulture, $"| {results.Header.RowAxis} | {string.Join(" | ", columns.Select(place => Escape(Name(results, place.Column, place.Value))))} |\n|{string.Concat(Enumerable.Repeat(" --- |", columns.Length + 1))}\n");
        foreach (var row in results.Rows)
            page.Append(CultureInfo.InvariantCulture, $"| {Escape(row)} | {string.Join(" | ", columns.Select(place => Text(results.At(row, place.Column, place.Value))))} |\n");
    }

    private static string Name(StudyResults results, string column, string value) => column.Length == 0 ? value : $"{value}, {(results.Header.ColumnAxis is "q" ? "q = " : "")}{column}";

    private static string Text(Repetitions? found) => found switch
    {
        null => "–",
        { Count: 1, Mean: var value } => Round(value),
        { } several => $"{Round(several.Mean)} ({Round(several.Least)} … {Round(several.Most)})",
    };

    /// <summary>Three digits, and none behind the point that say nothing.</summary>
    private static string Round(double value)
    {
        var decimals = Math.Abs(value) >= 100 ? 0 : Math.Abs(value) >= 10 ? 1 : Math.Abs(value) >= 1 ? 2 : Digits;
        return Math.Round(value, decimals).ToString(CultureInfo.InvariantCulture).Replace('-', '−');
    }

    private static IEnumerable<(string Description, string Path)> WriteCharts(StudyResults results, string file)
    {
        if (results.HasNumericRows && results.Rows.Count > 2)
            yield return Save(StudyCharts.Curve(results, results.Header.Measures[0]), "");
        string[] directions = ["random", "carrier", "semantic"];
        if (results.Rows.Count > 0 && results.Columns.Count > 0
            && results.CellsAt(results.Rows[^1], results.Columns[0]).Where(cell => directions.All(name => cell.Series?.ContainsKey(name) == true)).ToArray() is { Length: > 0 } marked)
        {
            yield return Save(StudyCharts.Histograms("cosine with a row of the classifier", [.. directions.Select(name => (name, (IReadOnlyList<double>)[.. marked.SelectMany(cell => cell.Series![name])]))]), "-cosines");
        }

        (string, string) Save(Chart chart, string suffix)
        {
            var path = Path.ChangeExtension(file, null) + suffix + ".svg";
            AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(chart.ToSvg(alone: true))));
            return (chart.Description, path);
        }
    }

    private static string Relative(string from, string to) => Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(from))!, Path.GetFullPath(to)).Replace('\\', '/');

    private static string Escape(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
