using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Reports;

namespace Isotope.Cli.Commands.Results;

/// <summary><c>isotope report</c>: results → one page to read.</summary>
internal sealed class ReportCommand : IsotopeCommand
{
    private static readonly string[] CommandLines =
    [
        "isotope report result.json --out report.html",
        "isotope report marked.manifest.json --originals cifar/train --marked marked --out marking.html",
        "isotope report result.json training.json studies/table-1.jsonl --out story.html",
    ];

    private readonly Argument<string[]> files = new("result")
    {
        Description =
            "Results of tests (detect --out), manifests, what train --json wrote, results of studies; several make one page, the "
            + "first gives the verdict",
        Arity = ArgumentArity.OneOrMore,
    };
    private readonly Option<string> output = new Option<string>("--out") { Description = "HTML file to write", Required = true }.OfFile(
        ".html"
    );
    private readonly Option<string?> originals = new("--originals") { Description = "The vanilla dataset, for a manifest's gallery" };
    private readonly Option<string?> marked = new("--marked") { Description = "The marked dataset, for a manifest's gallery" };

    public ReportCommand(Session session)
        : base(
            session,
            "report",
            "Write one self-contained HTML page of results: verdict, what it means, plots, tables, provenance",
            CommandLines
        )
    {
        Add(files);
        AddOptions(output, originals, marked);
    }

    protected override int Run(ParseResult parsed)
    {
        var path = parsed.GetRequiredValue(output);
        ReportFile.Write(parsed.GetRequiredValue(files), path, Open(parsed.GetValue(originals)), Open(parsed.GetValue(marked)));
        WrittenReport.Write(Session, parsed, path);
        return 0;
    }

    private static Dataset? Open(string? path) => path is null ? null : Dataset.Open(path);
}
