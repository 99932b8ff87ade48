using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Evidence;
using Spectre.Console;

namespace Isotope.Cli.Commands.Evidence;

/// <summary>What checking a result or a commitment found, as people read it.</summary>
internal static class FindingsTable
{
    private const int Differs = 1;
    private const int HashLength = 64;
    private const int ShownDigits = 16;

    /// <summary>Writes findings.</summary>
    /// <returns>The exit code: 1 if something differs.</returns>
    public static int Write(Session session, ParseResult parsed, IReadOnlyList<Finding> findings)
    {
        var report = VerifyReport.Of(findings);
        session.Write(parsed, report, ReportJson.Default.VerifyReport, console => Show(console, report));
        return report.Agrees ? 0 : Differs;
    }

    private static void Show(IAnsiConsole console, VerifyReport report)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("statement", "stated", "found", "");
        foreach (var finding in report.Findings)
            table.AddRow(
                Session.Cell(finding.Statement),
                Short(finding.Stated),
                finding.Found == finding.Stated ? "the same" : Short(finding.Found),
                Describe(finding.Outcome)
            );
        console.Write(table);
        console.WriteLine(report.Agrees ? "Nothing differs." : "Something DIFFERS.");
    }

    /// <summary>A hash by its first digits; the JSON has them all.</summary>
    private static string Short(string text) =>
        Session.Cell(text.Length == HashLength && text.All(char.IsAsciiHexDigit) ? $"{text[..ShownDigits]}…" : text);

    private static string Describe(Outcome outcome) =>
        outcome switch
        {
            Outcome.Agrees => "agrees",
            Outcome.Differs => "[bold]DIFFERS[/]",
            _ => "[dim]not checked[/]",
        };
}
