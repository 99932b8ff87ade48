using System.CommandLine;
using Isotope.Cli.Terminal;

namespace Isotope.Cli.Commands.Setup;

/// <summary>The hidden <c>isotope complete</c>: what can stand at a position of a command line, one suggestion a line.</summary>
internal sealed class CompleteCommand : Command
{
    private readonly Session session;
    private readonly Command root;
    private readonly Option<int> position = new("--position") { Required = true };
    private readonly Argument<string> line = new("line");

    public CompleteCommand(Session session, Command root)
        : base("complete", "What can stand at a place of a command line")
    {
        this.session = session;
        this.root = root;
        Hidden = true;
        Add(position);
        Add(line);
        SetAction(Run);
    }

    private void Run(ParseResult parsed)
    {
        var text = parsed.GetRequiredValue(line);
        var cursor = parsed.GetRequiredValue(position);
        var start = text.IndexOf(' ', StringComparison.Ordinal) + 1; // after the program's own name
        if (start == 0 || cursor < start)
            return;
        var typed = text[start..Math.Min(text.Length, cursor)];
        var suggestions = root.Parse(typed).GetCompletions(typed.Length).Select(found => found.Label);
        TextReport.Write(session, parsed, string.Concat(suggestions.Where(IsUseful).Distinct().Select(label => $"{label}\n")));
    }

    /// <summary>Leaves out aliases such as <c>-h</c> and <c>/?</c>.</summary>
    private static bool IsUseful(string label) => label.StartsWith("--", StringComparison.Ordinal) || char.IsLetterOrDigit(label[0]);
}
