using System.CommandLine;

namespace Isotope.Cli.Commands.Evidence;

/// <summary><c>--authority</c>: whose time stamps are trusted.</summary>
internal sealed class AuthorityOption : Option<string?>
{
    public AuthorityOption()
        : base("--authority") =>
        Description = "Root certificates of time-stamping authorities to trust (PEM; default: those that the system trusts)";
}
