using System.CommandLine;
using Isotope.Carriers;
using Isotope.Cli.Terminal;

namespace Isotope.Cli.Commands.Keys;

/// <summary><c>isotope key decrypt</c>.</summary>
internal sealed class DecryptKeyCommand : IsotopeCommand
{
    private readonly KeyFileArgument file = new();

    public DecryptKeyCommand(Session session)
        : base(session, "decrypt", "Take the passphrase off a key", "isotope key decrypt owner.key")
    {
        Add(file);
        session.Passphrase.AddTo(this);
    }

    protected override int Run(ParseResult parsed)
    {
        var key = KeyFile.Relock(parsed.GetRequiredValue(file), () => Session.Passphrase.Opening(parsed), closing: null);
        KeyCommand.WriteKey(Session, parsed, key);
        return 0;
    }
}
