using System.Globalization;

namespace Isotope.Reports;

/// <summary>The report of a study: the paper's claim, the results, charts.</summary>
internal static class StudyReport
{
    internal const string NothingRun = "Nothing was run yet.";

    /// <summary>Makes the report of a study's results.</summary>
    public static Report Of(StudyResults results)
    {
        var table = results.Cells.Count == 0 ? Html.Of($"<p>{NothingRun}</p>") : Table(results);
        var sections = new List<Section> { new("results", "Results", table) };
        if (Charts(results) is { Count: > 0 } charts)
            sections.Add(new Section("charts", "Charts", Html.Join(charts)));
        sections.Add(new Section("cells", "Every experiment", Cells(results)));
        return new Report(results.Header.Title, Lead(results), sections);
    }

    private static Html Lead(StudyResults results)
    {
        var hours = results.Cells.Sum(cell => cell.Seconds) / 3600;
        var figures = Tables.Figures(
            ("experiments", $"{results.Cells.Count}"),
            ("hours on one core", hours.ToString("F1", CultureInfo.InvariantCulture)),
            ("version", results.Header.Isotope)
        );
        return Html.Of(
            $"""
            <p class="verdict">{results.Header.Paper}: {results.Header.Claim}</p>
            {figures}
            """
        );
    }

    private static Html Table(StudyResults results) =>
        Tables.Sortable(
            "Mean, and the range if there are several repetitions",
            results.Rows,
            [
                new Column<string>(Measure.Name(results.Header.RowAxis), row => Html.Of($"{row}")),
                .. results.TableColumns.Select(of => new Column<string>(
                    of.Heading,
                    row => Value(results.At(row, of.Column, of.Measure)),
                    row => results.At(row, of.Column, of.Measure)?.Mean ?? double.NaN
                )),
            ]
        );

    private static Html Value(Repetitions? found) =>
        found switch
        {
            null => Html.Of($"–"),
            { Count: 1 } one => Html.Of($"{one.Mean:G4}"),
            { } several => Html.Of(
                $"""{several.Mean:G4} <span class="soft">{several.Least:G3} … {several.Most:G3}, n = {several.Count}</span>"""
            ),
        };

    private static IReadOnlyList<Html> Charts(StudyResults results)
    {
        if (!results.HasNumericRows || results.Rows.Count < 2)
            return [];
        var measured = results.Header.Measures.Where(value => results.Cells.Any(cell => cell.Values.ContainsKey(value)));
        return [.. measured.Select(Chart)];

        Html Chart(string value) =>
            Tables.Figure(
                StudyCharts.Curve(results, value),
                Html.Of($"{Measure.Name(value)} over {Measure.Name(results.Header.RowAxis)}: means and ranges.")
            );
    }

    private static Html Cells(StudyResults results)
    {
        return Tables.Sortable(
            "Every experiment and the time it took",
            results.Cells,
            [
                new Column<StudyCell>("experiment", cell => Html.Of($"{NameOf(cell)}")),
                .. results.Header.Measures.Select(value => new Column<StudyCell>(
                    Measure.Name(value),
                    cell => cell.Values.TryGetValue(value, out var found) ? Html.Of($"{found:G4}") : Html.Of($"–"),
                    cell => cell.Values.GetValueOrDefault(value, double.NaN)
                )),
                new("seconds", cell => Html.Of($"{cell.Seconds:F0}"), cell => cell.Seconds),
            ]
        );

        static string NameOf(StudyCell cell) => string.Join(", ", cell.Cell.Select(axis => $"{axis.Key} {axis.Value}"));
    }
}
