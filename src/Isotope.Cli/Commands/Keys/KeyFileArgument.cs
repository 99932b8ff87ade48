using System.CommandLine;
using Isotope.Carriers;
using Isotope.Cli.Terminal;

namespace Isotope.Cli.Commands.Keys;

/// <summary>The key file of a command that is about one key.</summary>
internal sealed class KeyFileArgument : Argument<string>
{
    public KeyFileArgument()
        : base("file") => Description = "Key file";

    /// <summary>The whole key, with its secret.</summary>
    /// <exception cref="IsotopeException">It can't be read or unlocked, or is only an opening.</exception>
    public CarrierKey Load(Session session, ParseResult parsed) => session.Passphrase.Key(parsed, parsed.GetRequiredValue(this)).Load();

    /// <summary>The key or its opening.</summary>
    /// <exception cref="IsotopeException">It can't be read or unlocked.</exception>
    public CarrierKey LoadForTest(Session session, ParseResult parsed) =>
        session.Passphrase.Key(parsed, parsed.GetRequiredValue(this)).LoadForTest();
}
