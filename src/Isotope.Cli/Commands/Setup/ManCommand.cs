using System.CommandLine;
using System.Text;
using Isotope.Cli.Terminal;
using Isotope.Files;

namespace Isotope.Cli.Commands.Setup;

/// <summary><c>isotope man</c>: the manual page, generated from the commands themselves.</summary>
internal sealed class ManCommand(Session session, Command root)
    : IsotopeCommand(session, "man", "Print the manual page (troff)", "isotope man > isotope.1", "isotope man | man -l -")
{
    protected override int Run(ParseResult parsed)
    {
        TextReport.Write(Session, parsed, PageOf(root));
        return 0;
    }

    private static string PageOf(Command root)
    {
        var page = new StringBuilder();
        page.Append($".TH ISOTOPE 1 \"\" \"Isotope {RunSettings.Version}\" \"User Commands\"\n");
        page.Append($".SH NAME\nisotope \\- {Text("mark an image dataset, prove that a model was trained on it")}\n");
        page.Append(".SH SYNOPSIS\n.B isotope\n.I command\n.RI [ options ]\n");
        page.Append($".SH DESCRIPTION\n{Text(root.Description!)}\n");
        page.Append(".SH GLOBAL OPTIONS\n");
        AppendOptions(page, root);
        page.Append(".SH COMMANDS\n");
        AppendCommands(page, root, "isotope");
        page.Append(
            ".SH EXIT STATUS\n0 done; 1 a result that does not verify, or a bug, which says so; 2 a mistake in the input, which one "
                + "line names; 130 and 143 interrupted: the same command goes on.\n"
        );
        return page.ToString();
    }

    private static void AppendCommands(StringBuilder page, Command parent, string parentName)
    {
        foreach (var command in parent.Subcommands.Where(command => !command.Hidden))
        {
            var name = $"{parentName} {command.Name}";
            if (command.Subcommands.Count == 0)
                AppendCommand(page, command, name);
            AppendCommands(page, command, name);
        }
    }

    private static void AppendCommand(StringBuilder page, Command command, string name)
    {
        var arguments = string.Concat(command.Arguments.Select(argument => $" {NameOf(argument)}"));
        page.Append($".SS {Text(name)}{arguments}\n{Text(command.Description!)}\n");
        foreach (var argument in command.Arguments)
            page.Append($".TP\n.I {NameOf(argument)}\n{Text(argument.Description ?? "")}\n");
        AppendOptions(page, command);
        if (command is IsotopeCommand { Examples: [_, ..] examples })
            page.Append($".PP\nExample:\n.PP\n.nf\n{string.Join('\n', examples.Select(Text))}\n.fi\n");
    }

    private static void AppendOptions(StringBuilder page, Command command)
    {
        foreach (var option in command.Options.Where(option => !option.Hidden))
            page.Append($".TP\n.B {Text(option.Name)}\n{Text(option.Description ?? "")}{(option.Required ? " (required)" : "")}\n");
    }

    private static string NameOf(Argument argument) => Text(argument.Name.ToUpperInvariant());

    /// <summary>Text as troff takes it: no control lines, hyphens that can be copied.</summary>
    private static string Text(string text)
    {
        var safe = text.Replace("\\", "\\e", StringComparison.Ordinal)
            .Replace("-", "\\-", StringComparison.Ordinal)
            .ReplaceLineEndings(" ");
        return safe.StartsWith('.') || safe.StartsWith('\'') ? "\\&" + safe : safe;
    }
}
