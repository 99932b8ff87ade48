using System.CommandLine;
using Isotope.Carriers;
using Isotope.Cli.Terminal;

namespace Isotope.Cli.Commands;

/// <summary><c>--key</c>: the owner's key, unlocked by the session's passphrase.</summary>
internal sealed class KeyOption : Option<string>
{
    public KeyOption()
        : base("--key")
    {
        Description = "The owner's key";
        Required = true;
    }

    /// <exception cref="IsotopeException">It can't be read or unlocked.</exception>
    public CarrierKey Load(Session session, ParseResult parsed) => session.Passphrase.Key(parsed, parsed.GetRequiredValue(this)).Load();
}
