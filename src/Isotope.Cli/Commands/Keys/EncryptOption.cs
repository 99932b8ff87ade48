using System.CommandLine;
using Isotope.Cli.Terminal;

namespace Isotope.Cli.Commands.Keys;

/// <summary><c>--encrypt</c>: a new key gets a passphrase.</summary>
internal sealed class EncryptOption : Option<bool>
{
    public EncryptOption()
        : base("--encrypt") => Description = "Encrypt the file with a passphrase; naming one by an option does so too";

    /// <summary>The new key's passphrase; null for none.</summary>
    /// <exception cref="IsotopeException">None can be had.</exception>
    public string? NewPassphrase(Session session, ParseResult parsed) =>
        parsed.GetValue(this) || session.Passphrase.IsGiven(parsed) ? session.Passphrase.Closing(parsed) : null;
}
