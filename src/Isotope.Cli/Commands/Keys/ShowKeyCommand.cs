using System.CommandLine;
using Isotope.Cli.Terminal;

namespace Isotope.Cli.Commands.Keys;

/// <summary><c>isotope key show</c>.</summary>
internal sealed class ShowKeyCommand : IsotopeCommand
{
    private readonly KeyFileArgument file = new();

    public ShowKeyCommand(Session session)
        : base(session, "show", "Show the public part of a key: sizes, origin, commitment; never a secret", "isotope key show owner.key")
    {
        Add(file);
        session.Passphrase.AddTo(this);
    }

    protected override int Run(ParseResult parsed)
    {
        KeyCommand.WriteKey(Session, parsed, file.LoadForTest(Session, parsed));
        return 0;
    }
}
