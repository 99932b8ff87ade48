using System.CommandLine;
using Isotope.Cli.Demo;
using Isotope.Cli.Terminal;
using Isotope.Statistics;
using Spectre.Console;

namespace Isotope.Cli.Commands;

/// <summary><c>isotope demo</c>: the pipeline on images that the program carries.</summary>
internal static class DemoCommand
{
    public static ExampleCommand Create(Session session)
    {
        var output = new Option<string>("--out")
        {
            Description = "Folder for everything the demo makes; an interrupted demo goes on there",
            DefaultValueFactory = _ => "isotope-demo",
        }.OfFolder();
        var seed = new Option<long?>("--seed") { Description = "Repeat a demo: make the key from a seed (default: a secret key)" };
        var command = new ExampleCommand(
            "demo",
            "Run the whole pipeline on real images (about a minute): key, mark, train, detect, and the control that must not be detected",
            "isotope demo"
        )
        {
            output,
            seed,
        };
        command.Resumes = _ => true;
        command.SetAction(parsed =>
        {
            var (folder, device) = (parsed.GetRequiredValue(output), session.Device(parsed));
            var report = session.WithProgress(progress =>
                new DemoRun(folder, parsed.GetValue(seed), device, progress, session.Cancellation).Run()
            );
            session.Write(parsed, report, ReportJson.Default.DemoReport, console => Show(console, report));
            return 0;
        });
        return command;
    }

    private static void Show(IAnsiConsole console, DemoReport report)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("", "marked model", "control model");
        foreach (var column in table.Columns.Skip(1))
            column.RightAligned();
        table.AddRow("trained on", $"{report.Images} images, {100 * report.Fraction:F0} % marked", $"the same {report.Images}, vanilla");
        table.AddRow("p-value", $"[bold]{P(report.Marked)}[/]", $"[bold]{P(report.Control)}[/]");
        table.AddRow("log₁₀ p", $"{report.Marked.Log10P:F1}", $"{report.Control.Log10P:F1}");
        table.AddRow("accuracy", $"{100 * report.Marked.Accuracy:F1} %", $"{100 * report.Control.Accuracy:F1} %");
        table.AddRow("PSNR of the marks", $"{report.MeanPsnr:F1} dB", "");
        console.Write(table);

        var fresh = report.Control.FreshKeys;
        console.WriteLine(
            $"p-value: the probability that a key drawn at random shows as much of its mark in a model that never saw it. The "
                + "control's is a random draw:"
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

    private static PValue P(ModelReport model) => new(model.Log10P);
}
