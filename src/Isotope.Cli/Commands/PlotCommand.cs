using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Files;
using Isotope.Reports;

namespace Isotope.Cli.Commands;

/// <summary><c>isotope plot</c>: one plot of a result.</summary>
internal static class PlotCommand
{
    private static readonly string[] Examples =
    [
        "isotope plot null result.json --out null.svg",
        "isotope plot study studies/table-1.jsonl --value log10PPaper --out table-1.svg",
    ];

    public static ExampleCommand Create(Session session)
    {
        var kind = new Argument<string>("kind")
        {
            Description =
                "null (the cosine's law and the observed cosines) or classes of a test; history of a training; study or histogram of a "
                + "study",
        };
        kind.AcceptOnlyFromAmong([.. Enum.GetNames<PlotKind>().Select(name => name.ToLowerInvariant())]);
        var file = new Argument<string>("result") { Description = "A result: of detect --out, train --json or study" };
        var values = new Option<string[]>("--value") { Description = "Value of a study that is plotted, or series of its histogram" };
        var output = new Option<string>("--out") { Description = "File to write, .svg or .png", Required = true }.OfFile(".svg", ".png");
        var command = new ExampleCommand("plot", "Plot a result as vector graphics, or as PNG", Examples) { kind, file, values, output };
        command.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(output);
            PlotFile.Save(
                PlotFile.Of(
                    Enum.Parse<PlotKind>(parsed.GetRequiredValue(kind), ignoreCase: true),
                    parsed.GetRequiredValue(file),
                    parsed.GetValue(values)
                ),
                path
            );
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
