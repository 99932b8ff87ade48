using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Reports;

namespace Isotope.Cli.Commands.Results;

/// <summary><c>isotope results</c>: studies → a page of Markdown with tables and charts.</summary>
internal sealed class ResultsCommand : IsotopeCommand
{
    private readonly Argument<string[]> files = new("results")
    {
        Description = "Results of studies (JSON lines); the page has them by name",
        Arity = ArgumentArity.OneOrMore,
    };
    private readonly Option<string> output = new Option<string>("--out") { Description = "Markdown file to write", Required = true }.OfFile(
        ".md"
    );

    public ResultsCommand(Session session)
        : base(
            session,
            "results",
            "Write the page of studies: tables, charts (SVG, beside the results), and the remarks of STUDY.md beside them",
            "isotope results docs/results/*.jsonl --out docs/results.md"
        )
    {
        Add(files);
        Add(output);
    }

    protected override int Run(ParseResult parsed)
    {
        var path = parsed.GetRequiredValue(output);
        ResultsPage.Write(parsed.GetRequiredValue(files), path);
        WrittenReport.Write(Session, parsed, path);
        return 0;
    }
}
