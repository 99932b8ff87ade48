using Isotope.Cli.Terminal;
using Isotope.Evidence;
using Isotope.Statistics;
using Spectre.Console;

namespace Isotope.Cli.Commands.Detection;

/// <summary>The table of a test that compares one direction per class with its carrier.</summary>
internal static class CosineTable
{
    public static void Show(IAnsiConsole console, TestResult result, CosineDetails details)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("class", "cosine", "p-value", "log₁₀ p");
        foreach (var column in table.Columns.Skip(1))
            column.RightAligned();
        foreach (var c in details.Classes)
            table.AddRow(Session.Cell(c.Label), $"{c.Cosine:F4}", c.PValue.ToString(), $"{c.PValue.Log10:F2}");
        AddCombined(table, "bold", $"all ({result.Statistic}, {result.Combination})", new PValue(result.Log10P));
        foreach (var other in details.Others)
            AddCombined(table, "dim", $"for information: {other.Statistic}, {other.Combination}", other.PValue);
        console.Write(table);
    }

    private static void AddCombined(Table table, string style, string name, PValue p) =>
        table.AddRow($"[{style}]{name}[/]", "", $"[{style}]{p}[/]", $"[{style}]{p.Log10:F2}[/]");
}
