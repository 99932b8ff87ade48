using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Files;

namespace Isotope.Cli.Commands.Setup;

/// <summary>A text that is printed: a script, a manual page.</summary>
internal sealed record TextReport(string Isotope, string Text)
{
    public static void Write(Session session, ParseResult parsed, string text) =>
        session.Write(
            parsed,
            new TextReport(RunSettings.Version, text),
            ReportJson.Default.TextReport,
            console => console.Profile.Out.Writer.Write(text)
        );
}
