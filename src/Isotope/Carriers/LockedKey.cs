using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Isotope.Carriers;

/// <summary>
/// A key file encrypted with a passphrase: AES-256-GCM, whose key PBKDF2-HMAC-SHA512 derives from the passphrase. PBKDF2 rather than
/// Argon2id, because the base class library has it and a key must still open in ten years: choose a long passphrase.
/// </summary>
/// <param name="Format">Name and version of the format.</param>
/// <param name="Iterations">Iterations of PBKDF2.</param>
/// <param name="Salt">Salt of PBKDF2, 16 bytes.</param>
/// <param name="Nonce">Nonce of AES-GCM, 12 bytes.</param>
/// <param name="Tag">Authentication tag of AES-GCM, 16 bytes; it covers format and iterations too.</param>
/// <param name="Content">The key document, encrypted.</param>
internal sealed record LockedKey(
    [property: JsonRequired] string Format,
    [property: JsonRequired] int Iterations,
    [property: JsonRequired] byte[] Salt,
    [property: JsonRequired] byte[] Nonce,
    [property: JsonRequired] byte[] Tag,
    [property: JsonRequired] byte[] Content
)
{
    public const string CurrentFormat = "isotope-locked-key-1";
    private const int DefaultIterations = 600_000;

    /// <summary>More iterations would let a hostile file take more than some seconds; fewer would make passphrases easy to guess.</summary>
    private const int FewestIterations = 100_000;
    private const int MostIterations = 10_000_000;
    private const int SaltSize = 16;
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int KeySize = 32;

    /// <summary>Encrypts a document.</summary>
    public static LockedKey Of(ReadOnlySpan<byte> document, string passphrase)
    {
        var locked = new LockedKey(
            CurrentFormat,
            DefaultIterations,
            RandomNumberGenerator.GetBytes(SaltSize),
            RandomNumberGenerator.GetBytes(NonceSize),
            new byte[TagSize],
            new byte[document.Length]
        );
        locked.WithCipher(
            passphrase,
            document.ToArray(),
            (cipher, plain) => cipher.Encrypt(locked.Nonce, plain, locked.Content, locked.Tag, locked.Bound)
        );
        return locked;
    }

    /// <summary>Decrypts the document.</summary>
    /// <exception cref="IsotopeException">The passphrase is another, a parameter is out of range, or the file is damaged.</exception>
    public byte[] Open(string path, string passphrase)
    {
        var hasSizes = Salt.Length == SaltSize && Nonce.Length == NonceSize && Tag.Length == TagSize;
        if (!hasSizes || Format != CurrentFormat || Iterations is < FewestIterations or > MostIterations)
            throw new IsotopeException(
                $"{path}: expected format {CurrentFormat} of {FewestIterations} to {MostIterations} iterations, found other parameters"
            );
        var document = new byte[Content.Length];
        try
        {
            WithCipher(passphrase, document, (cipher, plain) => cipher.Decrypt(Nonce, Content, Tag, plain, Bound));
            return document;
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new IsotopeException($"{path}: expected the passphrase of this key, found another (or the file is damaged)", e);
        }
    }

    /// <summary>What the tag authenticates besides the content.</summary>
    private byte[] Bound => Encoding.UTF8.GetBytes($"{Format} {Iterations}");

    private void WithCipher(string passphrase, byte[] plain, Action<AesGcm, byte[]> use)
    {
        var derived = Rfc2898DeriveBytes.Pbkdf2(passphrase, Salt, Iterations, HashAlgorithmName.SHA512, KeySize);
        try
        {
            using var cipher = new AesGcm(derived, TagSize);
            use(cipher, plain);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(derived);
        }
    }
}
