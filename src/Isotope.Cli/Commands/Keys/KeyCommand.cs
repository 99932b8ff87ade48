using System.CommandLine;
using Isotope.Carriers;
using Isotope.Cli.Commands.Evidence;
using Isotope.Cli.Terminal;

namespace Isotope.Cli.Commands.Keys;

/// <summary><c>isotope key</c>: makes, shows and exchanges keys.</summary>
internal sealed class KeyCommand : Command
{
    public KeyCommand(Session session)
        : base("key", "Make a secret key, show or publish its public part, or exchange it with other tools")
    {
        Add(new NewKeyCommand(session));
        Add(new DrawKeyCommand(session));
        Add(new ShowKeyCommand(session));
        Add(new ImportKeyCommand(session));
        Add(new ExportKeyCommand(session));
        Add(new EncryptKeyCommand(session));
        Add(new DecryptKeyCommand(session));
        Add(new CommitCommand(session));
        Add(new OpenCommand(session));
        Add(new VerifyCommitmentCommand(session));
    }

    /// <summary>Writes the public part of a key.</summary>
    public static void WriteKey(Session session, ParseResult parsed, CarrierKey key)
    {
        var report = KeyReport.Of(key);
        session.Write(parsed, report, ReportJson.Default.KeyReport, report.Lines());
    }

    /// <summary>What to keep in mind about keys of an origin; empty for keys of the system's generator.</summary>
    public static string Caution(string origin) =>
        origin switch
        {
            CarrierKey.DrawnOrigin => "",
            CarrierKey.SystemOrigin => "",
            CarrierKey.ImportedOrigin => " (keep in mind that the p-value is exact only if these directions were drawn at random)",
            _ => " (for experiments only: the key is not secret)",
        };
}
