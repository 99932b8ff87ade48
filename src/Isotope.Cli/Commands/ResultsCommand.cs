using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Files;
using Isotope.Reports;

namespace Isotope.Cli.Commands;

/// <summary><c>isotope results</c>: studies → a page of Markdown with tables and charts.</summary>
internal static class ResultsCommand
{
    public static ExampleCommand Create(Session session)
    {
        var files = new Argument<string[]>("results")
        {
            Description = "Results of studies (JSON lines); the page has them by name",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new Option<string>("--out") { Description = "Markdown file to write", Required = true }.OfFile(".md");
        var command = new ExampleCommand(
            "results",
            "Write the page of studies: tables, charts (SVG, beside the results), and the remarks of STUDY.md beside them",
            "isotope results docs/results/*.jsonl --out docs/results.md"
        )
        {
            files,
            output,
        };
        command.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(output);
            ResultsPage.Write(parsed.GetRequiredValue(files), path);
            session.Write(
                parsed,
                new WrittenReport(RunSettings.Version, path),
                ReportJson.Default.WrittenReport,
                console => console.Profile.Out.Writer.WriteLine($"written     {path}")
            );
            return 0;
        });
        return command;
    }
}
