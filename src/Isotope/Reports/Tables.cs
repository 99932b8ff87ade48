using Isotope.Statistics;

namespace Isotope.Reports;

/// <summary>A column of a table: its heading, and a row's cell with the number it is sorted by (null: by the text).</summary>
internal sealed record Column<T>(string Heading, Func<T, Html> Cell, Func<T, double>? Value = null);

/// <summary>Parts that several reports have.</summary>
internal static class Tables
{
    /// <summary>A table whose columns can be sorted by.</summary>
    public static Html Sortable<T>(string caption, IReadOnlyList<T> rows, params IReadOnlyList<Column<T>> columns) =>
        Html.Of(
            $"""
            <div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table class="sortable"><caption>{caption}</caption>
            <thead><tr>{columns.Select(column =>
                Html.Of($"<th scope=\"col\"><button type=\"button\">{column.Heading}</button></th>")
            )}</tr></thead>
            <tbody>{rows.Select(row =>
                Html.Of($"<tr>{columns.Select((column, i) => Cell(column, row, i == 0))}</tr>")
            )}</tbody></table></div>
            """
        );

    /// <summary>Names and what they are.</summary>
    public static Html Facts(params IEnumerable<(string Name, Html? What)> facts) =>
        Html.Of(
            $"""<dl class="facts">{facts.Where(fact => fact.What is not null).Select(fact => Html.Of($"<dt>{fact.Name}</dt><dd>{fact.What}</dd>"))}</dl>"""
        );

    /// <summary>The few numbers that count.</summary>
    public static Html Figures(params IEnumerable<(string Name, string What)> figures) =>
        Html.Of(
            $"""<dl class="figures">{figures.Select(figure => Html.Of($"<div><dt>{figure.Name}</dt><dd>{figure.What}</dd></div>"))}</dl>"""
        );

    /// <summary>A plot with its words.</summary>
    public static Html Figure(Chart chart, Html caption) =>
        Html.Of($"<figure>{Html.Trusted(chart.ToSvg())}<figcaption>{caption}</figcaption></figure>");

    /// <summary>Text as code.</summary>
    public static Html Code(string? text) => text is null ? Html.Of($"–") : Html.Of($"<code>{text}</code>");

    /// <summary>A p-value of its logarithm.</summary>
    public static string P(double log10) => new PValue(Math.Min(0, log10)).ToString().Replace('-', '−');

    private static Html Cell<T>(Column<T> column, T row, bool isFirst)
    {
        var value = column.Value is { } number
            ? Html.Of($" data-value=\"{number(row).ToString("R", System.Globalization.CultureInfo.InvariantCulture)}\"")
            : Html.Empty;
        return isFirst ? Html.Of($"<th scope=\"row\"{value}>{column.Cell(row)}</th>") : Html.Of($"<td{value}>{column.Cell(row)}</td>");
    }
}
