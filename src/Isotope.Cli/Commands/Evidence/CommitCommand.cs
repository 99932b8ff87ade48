using System.CommandLine;
using Isotope.Cli.Commands.Keys;
using Isotope.Cli.Terminal;
using Isotope.Evidence;

namespace Isotope.Cli.Commands.Evidence;

/// <summary><c>isotope key commit</c>: what is published before a test.</summary>
internal sealed class CommitCommand : IsotopeCommand
{
    private readonly KeyFileArgument file = new();
    private readonly Option<string?> settings = new("--settings")
    {
        Description = "A file to bind without showing it, such as the manifest of what was marked: keep it as it is",
    };
    private readonly Option<string?> sign = new("--sign")
    {
        Description =
            "Private key to sign with, ECDSA on P-256 (PEM); openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 makes one",
    };
    private readonly Option<string?> output = new("--out")
    {
        Description = "File to write and to publish with the dataset (default: standard output alone)",
    };
    private readonly OwnersInputOptionGroup inputs = new("The vanilla images of white-box tests");

    public CommitCommand(Session session)
        : base(
            session,
            "commit",
            "Make the commitment to publish with the dataset, before any model is seen: it fixes the key and tells nothing about it",
            "isotope key commit owner.key --settings marked.manifest.json --marking-network resnet20:resnet20.th --reference-network "
                + "reference.safetensors --images cifar/test --sign private.pem --out commitment.json"
        )
    {
        Add(file);
        AddOptions(settings, sign, output);
        inputs.AddTo(this);
        session.Passphrase.AddTo(this);
    }

    protected override int Run(ParseResult parsed)
    {
        var key = file.Load(Session, parsed);
        var bound = parsed.GetValue(settings) is { } path ? BoundDocument.Read("--settings", path) : null;
        var commitment = PublishedCommitment.Of(key, bound, inputs.Read(Session, parsed));
        if (parsed.GetValue(sign) is { } privateKey)
            commitment = commitment.SignedWith(privateKey);
        if (parsed.GetValue(output) is { } target)
            commitment.Save(target);
        Session.Write(parsed, commitment, ReportJson.Default.PublishedCommitment, console => Show(console.Profile.Out.Writer, commitment));
        if (KeyCommand.Caution(key.Origin) is { Length: > 0 } caution)
            Session.Advise($"key of origin {key.Origin}{caution}");
        return 0;
    }

    private static void Show(TextWriter text, PublishedCommitment commitment)
    {
        text.WriteLine($"commitment        {commitment.KeyCommitment}");
        text.WriteLine($"classes           {commitment.Classes}");
        text.WriteLine($"dimension         {commitment.Dimension}");
        text.WriteLine($"settings          {commitment.Settings ?? "none"}");
        foreach (var input in commitment.Inputs)
            text.WriteLine($"{input.Name, -17} {input.Sha256}");
        text.WriteLine($"signed by         {commitment.PublicKeySha256 ?? "none"}");
    }
}

/// <summary>A file that a commitment binds byte for byte.</summary>
internal static class BoundDocument
{
    /// <exception cref="IsotopeException">It can't be read.</exception>
    public static byte[] Read(string option, string path)
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
}
