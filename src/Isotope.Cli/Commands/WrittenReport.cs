using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Files;

namespace Isotope.Cli.Commands;

/// <summary>A file that was written.</summary>
internal sealed record WrittenReport(string Isotope, string Out)
{
    public static void Write(Session session, ParseResult parsed, string path) =>
        session.Write(parsed, new WrittenReport(RunSettings.Version, path), ReportJson.Default.WrittenReport, [$"written     {path}"]);
}
