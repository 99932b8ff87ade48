using System.CommandLine;
using Isotope.Carriers;
using Isotope.Cli.Terminal;

namespace Isotope.Cli.Commands.Keys;

/// <summary><c>isotope key encrypt</c>.</summary>
internal sealed class EncryptKeyCommand : IsotopeCommand
{
    private readonly KeyFileArgument file = new();

    public EncryptKeyCommand(Session session)
        : base(
            session,
            "encrypt",
            "Encrypt a key in its place, with a passphrase; earlier copies and backups stay as they are",
            "isotope key encrypt owner.key"
        )
    {
        Add(file);
        session.Passphrase.AddTo(this);
    }

    protected override int Run(ParseResult parsed)
    {
        var passphrase = Session.Passphrase;
        var key = KeyFile.Relock(parsed.GetRequiredValue(file), () => passphrase.Opening(parsed), () => passphrase.Closing(parsed));
        KeyCommand.WriteKey(Session, parsed, key);
        return 0;
    }
}
