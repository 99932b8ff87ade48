using System.CommandLine;
using Isotope.Cli.Terminal;

namespace Isotope.Cli.Commands.Detection;

/// <summary><c>isotope detect</c>: suspect + key → p-value.</summary>
internal static class DetectCommand
{
    public static Command Create(Session session) =>
        new("detect", "Test a suspect model, or images, for the mark of a key")
        {
            new WhiteBoxCommand(session),
            new BlackBoxCommand(session),
            new ImagesCommand(session),
        };
}
