using System.Globalization;
using Isotope.Statistics;

namespace Isotope.Reports;

/// <summary>A column of a table: its heading, a row's cell, and the number to sort the cell by (null: by its text).</summary>
internal sealed record Column<T>(string Heading, Func<T, Html> Cell, Func<T, double>? Value = null);

/// <summary>Parts that reports share.</summary>
internal static class Tables
{
    /// <summary>A table that can be sorted by any column.</summary>
    public static Html Sortable<T>(string caption, IReadOnlyList<T> rows, params IReadOnlyList<Column<T>> columns)
    {
        var headings = columns.Select(column => Html.Of($"<th scope=\"col\"><button type=\"button\">{column.Heading}</button></th>"));
        var body = rows.Select(row => Html.Of($"<tr>{columns.Select((column, i) => Cell(column, row, i == 0))}</tr>"));
        return Html.Of(
            $"""
            <div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table class="sortable"><caption>{caption}</caption>
            <thead><tr>{headings}</tr></thead>
            <tbody>{body}</tbody></table></div>
            """
        );
    }

    /// <summary>A list of names and descriptions; those without a description are left out.</summary>
    public static Html Facts(params IEnumerable<(string Name, Html? What)> facts)
    {
        var known = facts.Where(fact => fact.What is not null);
        var items = known.Select(fact => Html.Of($"<dt>{fact.Name}</dt><dd>{fact.What}</dd>"));
        return Html.Of($"""<dl class="facts">{items}</dl>""");
    }

    /// <summary>The few numbers that count.</summary>
    public static Html Figures(params IEnumerable<(string Name, string What)> figures)
    {
        var items = figures.Select(figure => Html.Of($"<div><dt>{figure.Name}</dt><dd>{figure.What}</dd></div>"));
        return Html.Of($"""<dl class="figures">{items}</dl>""");
    }

    /// <summary>A plot with its caption.</summary>
    public static Html Figure(Chart chart, Html caption) =>
        Html.Of($"<figure>{Html.Trusted(chart.ToSvg())}<figcaption>{caption}</figcaption></figure>");

    /// <summary>Text as code.</summary>
    public static Html Code(string? text) => text is null ? Html.Of($"–") : Html.Of($"<code>{text}</code>");

    /// <summary>A p-value from its logarithm, as text.</summary>
    public static string P(double log10) => new PValue(Math.Min(0, log10)).ToString().Replace('-', '−');

    private static Html Cell<T>(Column<T> column, T row, bool isFirst)
    {
        var value = column.Value is { } number
            ? Html.Of($" data-value=\"{number(row).ToString("R", CultureInfo.InvariantCulture)}\"")
            : Html.Empty;
        return isFirst ? Html.Of($"<th scope=\"row\"{value}>{column.Cell(row)}</th>") : Html.Of($"<td{value}>{column.Cell(row)}</td>");
    }
}
