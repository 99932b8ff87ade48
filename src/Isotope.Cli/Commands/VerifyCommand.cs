using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Evidence;
using Spectre.Console;

namespace Isotope.Cli.Commands;

/// <summary><c>isotope verify</c>: recomputes a result.</summary>
internal static class VerifyCommand
{
    private const int Differs = 1;
    private const int HashLength = 64;
    private const int ShownDigits = 16;

    private static readonly string[] Examples =
    [
        "isotope verify result.json",
        "isotope verify result.json --key opening.json --commitment commitment.json --marking-network resnet20:resnet20.th "
            + "--tested-network suspect.safetensors --images cifar/test",
    ];

    public static ExampleCommand Create(Session session)
    {
        var path = new Argument<string>("result") { Description = "Result file that isotope detect wrote" };
        var inputs = new GivenInputs(session.Passphrase);
        var command = new ExampleCommand(
            "verify",
            "Recompute all of a result that can be recomputed, and the test itself where all of its inputs are given; exit code 1 if "
                + "something differs",
            Examples
        )
        {
            path,
        };
        inputs.AddTo(command);
        command.SetAction(parsed =>
        {
            var result = TestResult.Load(parsed.GetRequiredValue(path));
            var device = session.Device(parsed);
            var findings = session.WithProgress(progress => inputs.Check(result, parsed, device, progress, session.Cancellation));
            return Write(session, parsed, findings);
        });
        return command;
    }

    /// <summary>Writes findings as a table.</summary>
    /// <returns>The exit code: 1 if something differs.</returns>
    public static int Write(Session session, ParseResult parsed, IReadOnlyList<Finding> findings)
    {
        var report = VerifyReport.Of(findings);
        session.Write(
            parsed,
            report,
            ReportJson.Default.VerifyReport,
            console =>
            {
                var table = new Table().Border(TableBorder.Simple).AddColumns("statement", "stated", "found", "");
                foreach (var finding in findings)
                    table.AddRow(
                        Session.Cell(finding.Statement),
                        Short(finding.Stated),
                        finding.Found == finding.Stated ? "the same" : Short(finding.Found),
                        Describe(finding.Outcome)
                    );
                console.Write(table);
                console.WriteLine(report.Agrees ? "Nothing differs." : "Something DIFFERS.");
            }
        );
        return report.Agrees ? 0 : Differs;
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
