using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Isotope.Files;

namespace Isotope.Carriers;

/// <summary>
/// The key on disk: JSON, readable by its owner alone (mode 0600 on Unix). Its opening, for an expert who checks the commitment and repeats
/// the test, has the salt of the commitment in place of the secret. A key may be encrypted (<see cref="LockedKey"/>).
/// </summary>
public static class KeyFile
{
    private const string Format = "isotope-key-1";
    private const string OpeningFormat = "isotope-opening-1";
    private const string Kind = "an Isotope key";
    private const string Kept = "a key is never overwritten";
    private const double NormTolerance = 1e-4;

    /// <summary>Writes a key; an existing file is never overwritten, since a lost key can't be had again.</summary>
    /// <exception cref="IsotopeException">The file exists.</exception>
    /// <param name="key">The key.</param>
    /// <param name="path">The file.</param>
    /// <param name="passphrase">Encrypts the file; null for none.</param>
    public static void Save(CarrierKey key, string path, string? passphrase = null) =>
        Write(path, Document.Of(key, Format, key.Secret.ToArray(), salt: null), passphrase, Kept);

    /// <summary>Encrypts a key file, or decrypts it, in its place; the ledger beside it stays its own.</summary>
    /// <param name="path">The file.</param>
    /// <param name="opening">Gives the passphrase that the file has; not asked where it has none.</param>
    /// <param name="closing">Gives the passphrase that it gets, once it is known to be a key; null for none.</param>
    /// <exception cref="IsotopeException">As <see cref="Load"/>; or it is encrypted already, or is not.</exception>
    public static CarrierKey Relock(string path, Func<string> opening, Func<string>? closing)
    {
        path = TargetOf(path); // not a copy beside a link
        var isLocked = IsLocked(path);
        if (isLocked && closing is not null)
            throw Damaged(path, "a key without a passphrase; isotope key decrypt takes it off", "one that has a passphrase");
        if (!isLocked && closing is null)
            throw Damaged(path, "a key with a passphrase", "one without");
        var document = Read(path, opening);
        var key = Checked(path, document);
        Write(path, document, closing?.Invoke(), kept: null);
        return key;
    }

    /// <summary>Writes what the commitment binds: carriers and salt, without the secret that images and views were drawn with.</summary>
    /// <exception cref="IsotopeException">The file exists.</exception>
    public static void SaveOpening(CarrierKey key, string path) =>
        Write(path, Document.Of(key, OpeningFormat, secret: null, key.Salt.ToArray()), passphrase: null, Kept);

    /// <summary>The key's own file, where a path is a link to it.</summary>
    public static string TargetOf(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;

    /// <summary>Reads a key and checks it: format, sizes, unit carriers, commitment.</summary>
    /// <exception cref="IsotopeException">Missing, not a key, or damaged.</exception>
    /// <param name="path">The file.</param>
    /// <param name="passphrase">Asked where the file is encrypted; null where none can be given.</param>
    public static CarrierKey Load(string path, Func<string>? passphrase = null)
    {
        var document = Read(path, passphrase);
        if (document.Format != Format)
            throw Damaged(path, $"format {Format}", $"'{document.Format}'");
        return Checked(path, document);
    }

    /// <summary>Reads a key or its opening: tests need no more than carriers.</summary>
    /// <exception cref="IsotopeException">Missing, neither of them, or damaged.</exception>
    /// <param name="path">The file.</param>
    /// <param name="passphrase">Asked where the file is encrypted; null where none can be given.</param>
    public static CarrierKey LoadForTest(string path, Func<string>? passphrase = null)
    {
        var document = Read(path, passphrase);
        if (document.Format is not (Format or OpeningFormat))
            throw Damaged(path, $"format {Format} or {OpeningFormat}", $"'{document.Format}'");
        return Checked(path, document);
    }

    private static void Write(string path, Document document, string? passphrase, string? kept) =>
        AtomicFile.WritePrivate(
            path,
            stream =>
            {
                if (passphrase is null)
                    JsonSerializer.Serialize(stream, document, KeyJson.Default.Document);
                else
                    JsonSerializer.Serialize(
                        stream,
                        LockedKey.Of(JsonSerializer.SerializeToUtf8Bytes(document, KeyJson.Default.Document), passphrase),
                        KeyJson.Default.LockedKey
                    );
            },
            kept
        );

    private static CarrierKey Checked(string path, Document document)
    {
        if (
            document.Classes < 2
            || document.Dimension < 2
            || (document.Format == Format ? document.Secret : document.Salt)?.Length != CarrierKey.SecretSize
        )
            throw Damaged(path, "at least 2 classes and dimensions and a secret of 32 bytes", "something else");
        var carriers = MemoryMarshal.Cast<byte, float>(document.Carriers).ToArray();
        if (document.Carriers.LongLength != (long)document.Classes * document.Dimension * sizeof(float))
            throw Damaged(path, $"{document.Classes} × {document.Dimension} carriers", $"{carriers.Length} values");
        for (var label = 0; label < document.Classes; label++)
            CheckNorm(path, label, carriers.AsSpan(label * document.Dimension, document.Dimension));
        var key =
            document.Format == Format
                ? new CarrierKey(document.Classes, document.Dimension, document.Origin, document.Secret!, carriers)
                {
                    Created = document.Created,
                }
                : new CarrierKey(document.Classes, document.Dimension, document.Origin, carriers, document.Salt!)
                {
                    Created = document.Created,
                };
        if (key.Commitment != document.Commitment)
            throw Damaged(path, $"commitment {document.Commitment}", key.Commitment);
        return key;
    }

    private static void CheckNorm(string path, int label, ReadOnlySpan<float> carrier)
    {
        var squares = 0.0;
        foreach (var value in carrier)
            squares += (double)value * value;
        if (!(Math.Abs(squares - 1) < NormTolerance))
            throw Damaged(path, $"a carrier of norm 1 for class {label}", $"norm {Math.Sqrt(squares):G6}");
    }

    private static bool IsLocked(string path) => JsonFile.Load(path, KeyJson.Default.Envelope, Kind).Format == LockedKey.CurrentFormat;

    private static Document Read(string path, Func<string>? passphrase)
    {
        if (!IsLocked(path))
            return JsonFile.Load(path, KeyJson.Default.Document, Kind);
        if (passphrase is null)
            throw Damaged(path, "a key without a passphrase", "an encrypted one; isotope key decrypt takes the passphrase off");
        var document = JsonFile.Load(path, KeyJson.Default.LockedKey, Kind).Open(path, passphrase());
        return JsonFile.Parse(path, document, KeyJson.Default.Document, Kind);
    }

    private static IsotopeException Damaged(string path, string expected, string found) =>
        new($"{path}: expected {expected}, found {found}");

    internal sealed record Document(
        [property: JsonRequired] string Format,
        [property: JsonRequired] int Classes,
        [property: JsonRequired] int Dimension,
        [property: JsonRequired] string Origin,
        [property: JsonRequired] string Commitment,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] byte[]? Secret,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] byte[]? Salt,
        [property: JsonRequired] byte[] Carriers,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateOnly? Created = null
    )
    {
        public static Document Of(CarrierKey key, string format, byte[]? secret, byte[]? salt) =>
            new(
                format,
                key.Classes,
                key.Dimension,
                key.Origin,
                key.Commitment,
                secret,
                salt,
                MemoryMarshal.AsBytes(key.Carriers).ToArray(),
                key.Created
            );
    }

    /// <summary>What all kinds of key files have.</summary>
    internal sealed record Envelope([property: JsonRequired] string Format);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    RespectNullableAnnotations = true
)]
[JsonSerializable(typeof(KeyFile.Document))]
[JsonSerializable(typeof(KeyFile.Envelope))]
[JsonSerializable(typeof(LockedKey))]
internal sealed partial class KeyJson : JsonSerializerContext;
