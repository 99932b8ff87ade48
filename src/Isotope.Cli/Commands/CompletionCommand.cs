using System.CommandLine;
using Isotope.Cli.Terminal;

namespace Isotope.Cli.Commands;

/// <summary>
/// <c>isotope completion SHELL</c>: the script by which a shell completes commands and options; it asks the hidden <c>isotope complete</c>.
/// </summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # bash completion for isotope:  source <(isotope completion bash)
        _isotope() {
            local IFS=$'\n'
            COMPREPLY=($(isotope complete --position "$COMP_POINT" -- "$COMP_LINE" 2>/dev/null))
            [[ ${#COMPREPLY[@]} -gt 0 ]] || COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o filenames -F _isotope isotope

        """;

    private const string Zsh = """
        #compdef isotope
        # zsh completion for isotope:  source <(isotope completion zsh)
        _isotope() {
            local -a found
            found=("${(@f)$(isotope complete --position "$CURSOR" -- "$BUFFER" 2>/dev/null)}")
            [[ -n "${found[1]}" ]] && compadd -a found || _files
        }
        compdef _isotope isotope

        """;

    private const string Fish = """
        # fish completion for isotope:  isotope completion fish | source
        complete -c isotope -a '(isotope complete --position (string length -- (commandline -cp)) -- (commandline -cp) 2>/dev/null)'

        """;

    private static readonly Dictionary<string, string> Scripts = new()
    {
        ["bash"] = Bash,
        ["zsh"] = Zsh,
        ["fish"] = Fish,
    };

    public static ExampleCommand Create(Session session)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var command = new ExampleCommand(
            "completion",
            "Print the script by which a shell completes commands and options",
            "isotope completion bash > /etc/bash_completion.d/isotope",
            "source <(isotope completion bash)"
        )
        {
            shell,
        };
        command.SetAction(parsed =>
        {
            TextReport.Write(session, parsed, Scripts[parsed.GetRequiredValue(shell)]);
            return 0;
        });
        return command;
    }

    /// <summary>What can stand at a place of a line, one a line; the shells' scripts ask it.</summary>
    public static Command CreateComplete(Session session, Command root)
    {
        var position = new Option<int>("--position") { Required = true };
        var line = new Argument<string>("line");
        var command = new Command("complete", "What can stand at a place of a command line") { position, line };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            var (text, place) = (parsed.GetRequiredValue(line), parsed.GetRequiredValue(position));
            var start = text.IndexOf(' ', StringComparison.Ordinal) + 1; // the program's own name
            if (start == 0 || place < start)
                return 0;
            text = text[start..Math.Min(text.Length, Math.Max(start, place))];
            var labels = root.Parse(text).GetCompletions(text.Length).Select(found => found.Label);
            TextReport.Write(
                session,
                parsed,
                string.Concat(
                    labels
                        .Where(label => label.StartsWith("--", StringComparison.Ordinal) || char.IsLetterOrDigit(label[0]))
                        .Distinct()
                        .Select(label => label + "\n")
                )
            );
            return 0;
        });
        return command;
    }
}
