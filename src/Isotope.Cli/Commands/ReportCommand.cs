using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Files;
using Isotope.Reports;

namespace Isotope.Cli.Commands;

/// <summary><c>isotope report</c>: results → one page to read.</summary>
internal static class ReportCommand
{
    private static readonly string[] Examples =
    [
        "isotope report result.json --out report.html",
        "isotope report marked.manifest.json --originals cifar/train --marked marked --out marking.html",
        "isotope report result.json training.json studies/table-1.jsonl --out story.html",
    ];

    public static ExampleCommand Create(Session session)
    {
        var files = new Argument<string[]>("result")
        {
            Description =
                "Results of tests (detect --out), manifests, what train --json wrote, results of studies; several make one page, the "
                + "first gives the verdict",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new Option<string>("--out") { Description = "HTML file to write", Required = true }.OfFile(".html");
        var originals = new Option<string?>("--originals") { Description = "The vanilla dataset, for a manifest's gallery" };
        var marked = new Option<string?>("--marked") { Description = "The marked dataset, for a manifest's gallery" };
        var command = new ExampleCommand(
            "report",
            "Write one self-contained HTML page of results: verdict, what it means, plots, tables, provenance",
            Examples
        )
        {
            files,
            output,
            originals,
            marked,
        };
        command.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(output);
            ReportFile.Of(parsed.GetRequiredValue(files), Open(parsed.GetValue(originals)), Open(parsed.GetValue(marked))).Save(path);
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

    private static Dataset? Open(string? path) => path is null ? null : Dataset.Open(path);
}
