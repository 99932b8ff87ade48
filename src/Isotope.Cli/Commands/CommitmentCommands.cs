using System.CommandLine;
using Isotope.Carriers;
using Isotope.Cli.Terminal;
using Isotope.Evidence;

namespace Isotope.Cli.Commands;

/// <summary>
/// <c>isotope key commit</c>, <c>open</c>, <c>verify-commitment</c>: what is published before a test, and what is revealed after it.
/// </summary>
internal static class CommitmentCommands
{
    private const string None = "none";

    public static ExampleCommand Commit(Session session)
    {
        var path = new Argument<string>("file") { Description = "Key file" };
        var settings = new Option<string?>("--settings")
        {
            Description = "A file to bind without showing it, such as the manifest of what was marked: keep it as it is",
        };
        var inputs = new OwnersInputs("The vanilla images of white-box tests");
        var sign = new Option<string?>("--sign")
        {
            Description =
                "Private key to sign with, ECDSA on P-256 (PEM); openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 makes one",
        };
        var output = new Option<string?>("--out")
        {
            Description = "File to write and to publish with the dataset (default: standard output alone)",
        };
        var command = new ExampleCommand(
            "commit",
            "Make the commitment to publish with the dataset, before any model is seen: it fixes the key and tells nothing about it",
            "isotope key commit owner.key --settings marked.manifest.json --marking-network resnet20:resnet20.th --reference-network "
                + "reference.safetensors --images cifar/test --sign private.pem --out commitment.json"
        )
        {
            path,
            settings,
            sign,
            output,
        };
        inputs.AddTo(command);
        session.Passphrase.AddTo(command);
        command.SetAction(parsed =>
        {
            var key = session.Passphrase.Key(parsed, parsed.GetRequiredValue(path)).Load();
            var commitment = PublishedCommitment.Of(key, Settings(parsed.GetValue(settings)), Read(session, parsed, inputs));
            if (parsed.GetValue(sign) is { } privateKey)
                commitment = commitment.SignedWith(privateKey);
            if (parsed.GetValue(output) is { } target)
                commitment.Save(target);
            session.Write(
                parsed,
                commitment,
                ReportJson.Default.PublishedCommitment,
                console => Show(console.Profile.Out.Writer, commitment)
            );
            if (KeyCommand.Caution(key.Origin) is { Length: > 0 } caution)
                session.Advise($"key of origin {key.Origin}{caution}");
            return 0;
        });
        return command;
    }

    public static ExampleCommand Open(Session session)
    {
        var path = new Argument<string>("file") { Description = "Key file" };
        var output = new Option<string>("--out") { Description = "File to write, readable by you alone", Required = true };
        var command = new ExampleCommand(
            "open",
            "Write what opens a key's commitment to an expert: carriers and salt, without the secret that images were chosen with",
            "isotope key open owner.key --out opening.json"
        )
        {
            path,
            output,
        };
        session.Passphrase.AddTo(command);
        command.SetAction(parsed =>
        {
            var (key, target) = (session.Passphrase.Key(parsed, parsed.GetRequiredValue(path)).Load(), parsed.GetRequiredValue(output));
            KeyFile.SaveOpening(key, target);
            KeyCommand.WriteKey(session, parsed, key);
            session.Advise($"{target} holds the carriers: whoever has it can forge or remove the mark");
            return 0;
        });
        return command;
    }

    public static ExampleCommand Verify(Session session)
    {
        var path = new Argument<string>("file") { Description = "Published commitment" };
        var key = new Option<string?>("--key") { Description = "Key or opening: is it what was committed to?" };
        var settings = new Option<string?>("--settings") { Description = "Settings file: is it what was bound? Takes --key too" };
        var inputs = new OwnersInputs("The vanilla images of white-box tests");
        var signer = new Option<string?>("--signer")
        {
            Description = "SHA-256 of the public key that the owner is known by: is the signature his?",
        };
        var command = new ExampleCommand(
            "verify-commitment",
            "Check a published commitment: its signature, and what its owner has revealed; exit code 1 if something differs",
            "isotope key verify-commitment commitment.json --key opening.json --settings marked.manifest.json"
        )
        {
            path,
            key,
            settings,
            signer,
        };
        inputs.AddTo(command);
        session.Passphrase.AddTo(command);
        command.SetAction(parsed =>
        {
            var published = PublishedCommitment.Load(parsed.GetRequiredValue(path));
            var opened = parsed.GetValue(key) is { } file ? session.Passphrase.Key(parsed, file).LoadForTest() : null;
            if (opened is null && parsed.GetValue(settings) is not null)
                throw new IsotopeException("--settings: expected --key too, whose salt binds the settings, found none");
            List<Finding> findings = [OfSignature(published)];
            if (parsed.GetValue(signer) is { } expected)
                findings.Add(Finding.Same("signer", expected, published.PublicKeySha256 ?? None));
            if (opened is not null)
                findings.AddRange(OfKey(published, opened));
            if (Settings(parsed.GetValue(settings)) is { } bound)
                findings.Add(Finding.Same("settings", published.Settings ?? None, opened!.Bind(bound)));
            findings.AddRange(
                Read(session, parsed, inputs).Select(input => Finding.Same(input.Name, published.HashOf(input.Name) ?? None, input.Sha256))
            );
            return VerifyCommand.Write(session, parsed, findings);
        });
        return command;
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

    /// <summary>A file that is bound byte for byte.</summary>
    /// <exception cref="IsotopeException">It can't be read.</exception>
    public static byte[] ReadDocument(string option, string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IsotopeException($"{option} {path}: expected a readable file: {e.Message}", e);
        }
    }

    private static byte[]? Settings(string? path) => path is null ? null : ReadDocument("--settings", path);

    private static IEnumerable<TestInput> Read(Session session, ParseResult parsed, OwnersInputs inputs) =>
        inputs.Read(parsed, session.Device(parsed), session.Cancellation);

    private static void Show(TextWriter text, PublishedCommitment commitment)
    {
        text.WriteLine($"commitment        {commitment.KeyCommitment}");
        text.WriteLine($"classes           {commitment.Classes}");
        text.WriteLine($"dimension         {commitment.Dimension}");
        text.WriteLine($"settings          {commitment.Settings ?? None}");
        foreach (var input in commitment.Inputs)
            text.WriteLine($"{input.Name, -17} {input.Sha256}");
        text.WriteLine($"signed by         {commitment.PublicKeySha256 ?? None}");
    }
}
