using System.CommandLine;
using Isotope.Cli.Terminal;

namespace Isotope.Cli.Commands.Setup;

/// <summary>
/// <c>isotope completion SHELL</c>: the script by which a shell completes commands and options. It asks <see cref="CompleteCommand"/>.
/// </summary>
internal sealed class CompletionCommand : IsotopeCommand
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

    private readonly Argument<string> shell = new("shell") { Description = "bash, zsh or fish" };

    public CompletionCommand(Session session)
        : base(
            session,
            "completion",
            "Print the script by which a shell completes commands and options",
            "isotope completion bash > /etc/bash_completion.d/isotope",
            "source <(isotope completion bash)"
        )
    {
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        Add(shell);
    }

    protected override int Run(ParseResult parsed)
    {
        TextReport.Write(Session, parsed, Scripts[parsed.GetRequiredValue(shell)]);
        return 0;
    }
}
