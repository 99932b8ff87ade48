using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Reports;

namespace Isotope.Cli.Commands.Results;

/// <summary><c>isotope plot</c>: one plot of a result.</summary>
internal sealed class PlotCommand : IsotopeCommand
{
    private static readonly string[] CommandLines =
    [
        "isotope plot null result.json --out null.svg",
        "isotope plot study studies/table-1.jsonl --value log10PPaper --out table-1.svg",
    ];

    private readonly Argument<string> kind = new("kind")
    {
        Description =
            "null (the cosine's law and the observed cosines) or classes of a test; history of a training; study or histogram of a "
            + "study",
    };
    private readonly Argument<string> file = new("result") { Description = "A result: of detect --out, train --json or study" };
    private readonly Option<string[]> values = new("--value")
    {
        Description = "Value of a study that is plotted, or series of its histogram",
    };
    private readonly Option<string> output = new Option<string>("--out")
    {
        Description = "File to write, .svg or .png",
        Required = true,
    }.OfFile(".svg", ".png");

    public PlotCommand(Session session)
        : base(session, "plot", "Plot a result as vector graphics, or as PNG", CommandLines)
    {
        kind.AcceptOnlyFromAmong([.. Enum.GetNames<PlotKind>().Select(name => name.ToLowerInvariant())]);
        Add(kind);
        Add(file);
        AddOptions(values, output);
    }

    protected override int Run(ParseResult parsed)
    {
        var path = parsed.GetRequiredValue(output);
        var plot = Enum.Parse<PlotKind>(parsed.GetRequiredValue(kind), ignoreCase: true);
        PlotFile.Write(plot, parsed.GetRequiredValue(file), path, parsed.GetValue(values));
        WrittenReport.Write(Session, parsed, path);
        return 0;
    }
}
