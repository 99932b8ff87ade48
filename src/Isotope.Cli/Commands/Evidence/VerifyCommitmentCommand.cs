using System.CommandLine;
using Isotope.Carriers;
using Isotope.Cli.Terminal;
using Isotope.Evidence;

namespace Isotope.Cli.Commands.Evidence;

/// <summary><c>isotope key verify-commitment</c>: a published commitment against what its owner has revealed.</summary>
internal sealed class VerifyCommitmentCommand : IsotopeCommand
{
    private const string None = "none";
    private readonly Argument<string> file = new("file") { Description = "Published commitment" };
    private readonly Option<string?> key = new("--key") { Description = "Key or opening: is it what was committed to?" };
    private readonly Option<string?> settings = new("--settings") { Description = "Settings file: is it what was bound? Takes --key too" };
    private readonly Option<string?> signer = new("--signer")
    {
        Description = "SHA-256 of the public key that the owner is known by: is the signature his?",
    };
    private readonly OwnersInputOptionGroup inputs = new("The vanilla images of white-box tests");

    public VerifyCommitmentCommand(Session session)
        : base(
            session,
            "verify-commitment",
            "Check a published commitment: its signature, and what its owner has revealed; exit code 1 if something differs",
            "isotope key verify-commitment commitment.json --key opening.json --settings marked.manifest.json"
        )
    {
        Add(file);
        AddOptions(key, settings, signer);
        inputs.AddTo(this);
        session.Passphrase.AddTo(this);
    }

    protected override int Run(ParseResult parsed)
    {
        var published = PublishedCommitment.Load(parsed.GetRequiredValue(file));
        var opened = parsed.GetValue(key) is { } path ? Session.Passphrase.Key(parsed, path).LoadForTest() : null;
        List<Finding> findings = [OfSignature(published)];
        if (parsed.GetValue(signer) is { } expected)
            findings.Add(Finding.Same("signer", expected, published.PublicKeySha256 ?? None));
        if (opened is not null)
            findings.AddRange(OfKey(published, opened));
        if (parsed.GetValue(settings) is { } document)
            findings.Add(OfSettings(published, opened, document));
        findings.AddRange(
            inputs.Read(Session, parsed).Select(input => Finding.Same(input.Name, published.HashOf(input.Name) ?? None, input.Sha256))
        );
        return FindingsTable.Write(Session, parsed, findings);
    }

    private static Finding OfSignature(PublishedCommitment published) =>
        published.IsSignatureValid switch
        {
            null => Finding.Skipped("signature", None, "it is not signed"),
            true => Finding.Same("signature", "valid", "valid"),
            false => Finding.Same("signature", "valid", "not valid"),
        };

    private static Finding[] OfKey(PublishedCommitment published, CarrierKey key) =>
        [
            Finding.Same("key commitment", published.KeyCommitment, key.Commitment),
            Finding.Same("key sizes", $"{published.Classes} × {published.Dimension}", $"{key.Classes} × {key.Dimension}"),
            Verification.OfOrigin(key),
        ];

    private static Finding OfSettings(PublishedCommitment published, CarrierKey? opened, string document)
    {
        if (opened is null)
            throw new IsotopeException("--settings: expected --key too, whose salt binds the settings, found none");
        return Finding.Same("settings", published.Settings ?? None, opened.Bind(BoundDocument.Read("--settings", document)));
    }
}
