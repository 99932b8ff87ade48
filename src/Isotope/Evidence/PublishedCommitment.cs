using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Isotope.Carriers;
using Isotope.Files;

namespace Isotope.Evidence;

/// <summary>An input of tests that is the owner's choice, fixed before any suspect is seen.</summary>
/// <param name="Name">As <see cref="TestInput.Name"/>.</param>
/// <param name="Sha256">As <see cref="TestInput.Sha256"/>.</param>
public sealed record CommittedInput(string Name, string Sha256);

/// <summary>
/// What an owner publishes with a dataset, before any suspect is seen: it fixes key, settings and the owner's inputs of tests, and tells
/// nothing about the key.
/// </summary>
/// <param name="Format">Name and version of the format.</param>
/// <param name="Isotope">Version that wrote it.</param>
/// <param name="KeyCommitment">SHA-256 over the carriers and a secret salt (<see cref="CarrierKey.Commitment"/>).</param>
/// <param name="Classes">Number of carriers C.</param>
/// <param name="Dimension">Their dimension d.</param>
/// <param name="Settings">SHA-256 over a settings file and the same salt (<see cref="CarrierKey.Bind"/>); null where none was
/// bound.</param>
/// <param name="Inputs">What tests will take: marking network, references, vanilla images, query images; those that were named.</param>
/// <param name="PublicKey">The signer's public key, PEM; null where it is not signed.</param>
/// <param name="Signature">ECDSA over <see cref="Statement"/> with SHA-256, DER.</param>
public sealed record PublishedCommitment(
    string Format,
    string Isotope,
    string KeyCommitment,
    int Classes,
    int Dimension,
    string? Settings,
    IReadOnlyList<CommittedInput> Inputs,
    string? PublicKey = null,
    byte[]? Signature = null
)
{
    private const string CurrentFormat = "isotope-commitment-2";
    private const int StatementLines = 6;
    private const DSASignatureFormat Der = DSASignatureFormat.Rfc3279DerSequence;

    /// <summary>What is signed: UTF-8, one line each, so that any tool can check it.</summary>
    [JsonIgnore]
    public string Statement =>
        $"{Format}\nisotope {Isotope}\nkey {KeyCommitment}\nclasses {Classes}\ndimension {Dimension}\nsettings "
        + $"{Settings ?? "none"}\n{string.Concat(Inputs.Select(input => $"{input.Sha256} {input.Name}\n"))}";

    /// <summary>Whether the signature is the public key's; null where there is none.</summary>
    [JsonIgnore]
    public bool? IsSignatureValid => PublicKey is null || Signature is null ? null : Verify(PublicKey, Signature);

    /// <summary>
    /// SHA-256 of the public key (SubjectPublicKeyInfo), by which its holder tells others which one is his; null where it is not signed.
    /// </summary>
    [JsonIgnore]
    public string? PublicKeySha256 => PublicKey is not null && IsSignatureValid is true ? Fingerprint(PublicKey) : null;

    /// <summary>The commitment of a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="settings">A document to bind, such as the manifest of what was marked; null for none.</param>
    /// <param name="inputs">What tests will take and the owner could choose.</param>
    public static PublishedCommitment Of(CarrierKey key, byte[]? settings, IEnumerable<TestInput> inputs) =>
        new(
            CurrentFormat,
            RunSettings.Version,
            key.Commitment,
            key.Classes,
            key.Dimension,
            settings is null ? null : key.Bind(settings),
            [.. inputs.Select(input => new CommittedInput(input.Name, input.Sha256))]
        );

    /// <summary>The same, signed.</summary>
    /// <param name="privateKeyFile">A private key for ECDSA on P-256, PEM, without a password.</param>
    /// <exception cref="IsotopeException">It can't be read, or is another kind of key.</exception>
    public PublishedCommitment SignedWith(string privateKeyFile)
    {
        using var signer = ECDsa.Create();
        try
        {
            signer.ImportFromPem(File.ReadAllText(privateKeyFile));
            var signature = signer.SignData(Encoding.UTF8.GetBytes(Statement), HashAlgorithmName.SHA256, Der);
            return this with { PublicKey = signer.ExportSubjectPublicKeyInfoPem(), Signature = signature };
        }
        catch (Exception e)
            when (e
                    is ArgumentException
                        or CryptographicException
                        or PlatformNotSupportedException
                        or IOException
                        or UnauthorizedAccessException
            )
        {
            throw new IsotopeException(
                $"--sign {privateKeyFile}: expected a private key for ECDSA (PEM, no password), found: {e.Message}",
                e
            );
        }
    }

    /// <summary>Whether it commits to this key: carriers, sizes and salt.</summary>
    public bool IsOfKey(CarrierKey key) => (KeyCommitment, Classes, Dimension) == (key.Commitment, key.Classes, key.Dimension);

    /// <summary>The hash that it names for an input; null where it names none.</summary>
    public string? HashOf(string inputName) => Inputs.FirstOrDefault(input => input.Name == inputName)?.Sha256;

    /// <summary>Writes a new file.</summary>
    /// <exception cref="IsotopeException">It exists, or can't be written.</exception>
    public void Save(string path) =>
        JsonFile.Save(path, this, EvidenceJson.Default.PublishedCommitment, kept: "a commitment that was published is not replaced");

    /// <summary>Reads one.</summary>
    /// <exception cref="IsotopeException">Missing, or something else.</exception>
    public static PublishedCommitment Load(string path)
    {
        var commitment = JsonFile.Load(path, EvidenceJson.Default.PublishedCommitment, "a published commitment");
        if (commitment.Format != CurrentFormat)
            throw new IsotopeException($"{path}: expected format {CurrentFormat}, found '{commitment.Format}'");
        return commitment.Inputs.Contains(null!) || commitment.Statement.Count(c => c == '\n') != StatementLines + commitment.Inputs.Count
            ? throw new IsotopeException($"{path}: expected inputs with name and hash, and no line breaks, found others")
            : commitment;
    }

    private bool Verify(string publicKey, byte[] signature)
    {
        try
        {
            using var verifier = ECDsa.Create();
            verifier.ImportFromPem(publicKey);
            return verifier.VerifyData(Encoding.UTF8.GetBytes(Statement), signature, HashAlgorithmName.SHA256, Der);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException or PlatformNotSupportedException)
        {
            return false;
        }
    }

    private static string Fingerprint(string publicKey)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(publicKey);
        return Hashes.OfBytes(key.ExportSubjectPublicKeyInfo());
    }
}
