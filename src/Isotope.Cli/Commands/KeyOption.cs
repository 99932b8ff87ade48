using System.CommandLine;
using Isotope.Carriers;
using Isotope.Cli.Terminal;

namespace Isotope.Cli.Commands;

/// <summary><c>--key</c>: the owner's key, unlocked by the session's passphrase.</summary>
internal sealed class KeyOption : Option<string>
{
    public KeyOption(string description = "The owner's key")
        : base("--key")
    {
        Description = description;
        Required = true;
    }

    /// <summary>Its file, not opened yet.</summary>
    /// <exception cref="IsotopeException">An option names a passphrase that is not there.</exception>
    public OwnerKey Read(Session session, ParseResult parsed) => session.Passphrase.Key(parsed, parsed.GetRequiredValue(this));

    /// <exception cref="IsotopeException">It can't be read or unlocked.</exception>
    public CarrierKey Load(Session session, ParseResult parsed) => Read(session, parsed).Load();
}
