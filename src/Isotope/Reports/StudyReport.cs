namespace Isotope.Reports;

/// <summary>The report of a study: what the paper claims, what was found, charts.</summary>
public static class StudyReport
{
    internal const string NothingRun = "Nothing was run yet.";

    /// <summary>Of results.</summary>
    public static Report Of(StudyResults results) =>
        new(
            results.Header.Title,
            Lead(results),
            [
                new Section("results", "Results", results.Cells.Count == 0 ? Html.Of($"<p>{NothingRun}</p>") : Table(results)),
                .. Charts(results) is { Count: > 0 } charts ? [new Section("charts", "Charts", Html.Join(charts))] : (Section[])[],
                new Section("cells", "Every experiment", Cells(results)),
            ]
        );

    private static Html Lead(StudyResults results) =>
        Html.Of(
            $"""
            <p class="verdict">{results.Header.Paper}: {results.Header.Claim}</p>
            {Tables.Figures(
                ("experiments", $"{results.Cells.Count}"),
                (
                    "hours on one core",
                    (results.Cells.Sum(cell => cell.Seconds) / 3600).ToString("F1", System.Globalization.CultureInfo.InvariantCulture)
                ),
                ("version", results.Header.Isotope)
            )}
            """
        );

    private static Html Table(StudyResults results) =>
        Tables.Sortable(
            "Mean, and the range where there are several repetitions",
            results.Rows,
            [
                new Column<string>(Measure.Name(results.Header.RowAxis), row => Html.Of($"{row}")),
                .. results.TableColumns.Select(place => new Column<string>(
                    place.Heading,
                    row => Value(results.At(row, place.Column, place.Measure)),
                    row => results.At(row, place.Column, place.Measure)?.Mean ?? double.NaN
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

    private static IReadOnlyList<Html> Charts(StudyResults results) =>
        !results.HasNumericRows || results.Rows.Count < 2
            ? []
            :
            [
                .. results
                    .Header.Measures.Where(value => results.Cells.Any(cell => cell.Values.ContainsKey(value)))
                    .Select(value =>
                        Tables.Figure(
                            StudyCharts.Curve(results, value),
                            Html.Of($"{Measure.Name(value)} over {Measure.Name(results.Header.RowAxis)}: means and ranges.")
                        )
                    ),
            ];

    private static Html Cells(StudyResults results) =>
        Tables.Sortable(
            "Every experiment and the time it took",
            results.Cells,
            [
                new Column<StudyCell>(
                    "experiment",
                    cell => Html.Of($"{string.Join(", ", cell.Cell.Select(axis => $"{axis.Key} {axis.Value}"))}")
                ),
                .. results.Header.Measures.Select(value => new Column<StudyCell>(
                    Measure.Name(value),
                    cell => cell.Values.TryGetValue(value, out var found) ? Html.Of($"{found:G4}") : Html.Of($"–"),
                    cell => cell.Values.GetValueOrDefault(value, double.NaN)
                )),
                new("seconds", cell => Html.Of($"{cell.Seconds:F0}"), cell => cell.Seconds),
            ]
        );
}
