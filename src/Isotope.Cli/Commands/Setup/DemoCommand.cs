using System.CommandLine;
using Isotope.Cli.Demo;
using Isotope.Cli.Terminal;
using Isotope.Statistics;
using Spectre.Console;

namespace Isotope.Cli.Commands.Setup;

/// <summary><c>isotope demo</c>: the pipeline on images that the program carries.</summary>
internal sealed class DemoCommand : IsotopeCommand
{
    private readonly Option<string> output = new Option<string>("--out")
    {
        Description = "Folder for everything the demo makes; an interrupted demo goes on there",
        DefaultValueFactory = _ => "isotope-demo",
    }.OfFolder();
    private readonly Option<long?> seed = new("--seed") { Description = "Repeat a demo: make the key from a seed (default: a secret key)" };

    public DemoCommand(Session session)
        : base(
            session,
            "demo",
            "Run the whole pipeline on real images (about a minute): key, mark, train, detect, and the control that must not be detected",
            "isotope demo"
        )
    {
        AddOptions(output, seed);
        Resumes = _ => true;
    }

    protected override int Run(ParseResult parsed)
    {
        var folder = parsed.GetRequiredValue(output);
        var device = Session.Device(parsed);
        var report = Session.WithProgress(progress =>
            new DemoRun(folder, parsed.GetValue(seed), device, progress, Session.Cancellation).Run()
        );
        Session.Write(parsed, report, ReportJson.Default.DemoReport, console => Show(console, report));
        return 0;
    }

    private static void Show(IAnsiConsole console, DemoReport report)
    {
        console.Write(TableOf(report));
        var fresh = report.Control.FreshKeys;
        console.WriteLine(
            "p-value: the probability that a key drawn at random shows as much of its mark in a model that never saw it. The control's "
                + "is a random draw:"
        );
        console.WriteLine(
            $"under {fresh.Sets:N0} other keys {fresh.BelowPercent} of its p-values are at most 0.01 (expected: {fresh.Sets / 100}) "
                + $"and {fresh.BelowPerMille} at most 0.001 ({fresh.Sets / 1000})."
        );
        console.WriteLine(
            $"Look at the images: {Path.Combine(report.Folder, "preview.png")} (vanilla, marked, difference × 16). Delete "
                + $"{report.Folder} to start anew."
        );
    }

    private static Table TableOf(DemoReport report)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("", "marked model", "control model");
        foreach (var column in table.Columns.Skip(1))
            column.RightAligned();
        table.AddRow("trained on", $"{report.Images} images, {100 * report.Fraction:F0} % marked", $"the same {report.Images}, vanilla");
        table.AddRow("p-value", $"[bold]{P(report.Marked)}[/]", $"[bold]{P(report.Control)}[/]");
        table.AddRow("log₁₀ p", $"{report.Marked.Log10P:F1}", $"{report.Control.Log10P:F1}");
        table.AddRow("accuracy", $"{100 * report.Marked.Accuracy:F1} %", $"{100 * report.Control.Accuracy:F1} %");
        return table.AddRow("PSNR of the marks", $"{report.MeanPsnr:F1} dB", "");
    }

    private static PValue P(ModelReport model) => new(model.Log10P);
}
