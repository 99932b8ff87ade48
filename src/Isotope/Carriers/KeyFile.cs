using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Isotope.Carriers.Draws;
using Isotope.Files;

namespace Isotope.Carriers;

/// <summary>
/// Reads and writes key files: JSON that only the owner can read (mode 0600 on Unix), encrypted if a passphrase is given. The opening of a
/// key, for an expert who checks its commitment and repeats the test, has the commitment's salt in place of the secret.
/// </summary>
public static class KeyFile
{
    private const string Format = "isotope-key-1";
    private const string DrawnFormat = "isotope-key-2"; // with plan and beacon, which an older program would not use
    private const string OpeningFormat = "isotope-opening-1";
    private const string DrawnOpeningFormat = "isotope-opening-2";
    private const string UndrawnFormat = "isotope-undrawn-key-1";
    private const string Kind = "an Isotope key";
    private const string Kept = "a key is never overwritten";
    private const double NormTolerance = 1e-4;

    /// <summary>Writes a key to a new file. An existing file is never overwritten, since a lost key can't be recovered.</summary>
    /// <param name="key">The key.</param>
    /// <param name="path">The new file.</param>
    /// <param name="passphrase">Encrypts the file; null to leave it unencrypted.</param>
    /// <exception cref="IsotopeException">The file exists.</exception>
    public static void Save(CarrierKey key, string path, string? passphrase = null) =>
        Write(path, Document.Of(key, FormatOf(key), key.Secret.ToArray(), salt: null), passphrase, Kept);

    /// <summary>Writes a key that is still to be drawn.</summary>
    /// <inheritdoc cref="Save"/>
    public static void SaveUndrawn(UndrawnKey key, string path, string? passphrase = null) =>
        Write(path, Document.Of(key), passphrase, Kept);

    /// <summary>Reads a key that is still to be drawn.</summary>
    /// <param name="path">The file.</param>
    /// <param name="passphrase">Gives the passphrase if the file is encrypted; null if none can be given.</param>
    /// <exception cref="IsotopeException">The file is missing, damaged, or another kind of key.</exception>
    public static UndrawnKey LoadUndrawn(string path, Func<string>? passphrase = null) => Undrawn(path, Read(path, passphrase));

    /// <summary>Draws a key in place.</summary>
    /// <param name="path">The file of the undrawn key, or a link to it.</param>
    /// <param name="draw">Plan and beacon.</param>
    /// <param name="passphrase">Gives the file's passphrase, which stays; called only if it has one.</param>
    /// <exception cref="IsotopeException">As for <see cref="LoadUndrawn"/>.</exception>
    public static CarrierKey Draw(string path, KeyDraw draw, Func<string>? passphrase = null)
    {
        path = TargetOf(path);
        string? given = null;
        var isLocked = IsLocked(path);
        var document = Read(path, isLocked && passphrase is not null ? () => given = passphrase() : null);
        var key = Undrawn(path, document).Draw(draw);
        Write(path, Document.Of(key, DrawnFormat, key.Secret.ToArray(), salt: null), given, kept: null);
        return key;
    }

    /// <summary>Encrypts or decrypts a key file in place, so that the ledger beside it still belongs to it.</summary>
    /// <param name="path">The file, or a link to it.</param>
    /// <param name="opening">Gives the file's current passphrase; called only if it has one.</param>
    /// <param name="closing">Gives the file's new passphrase, once the file is known to be a key; null to decrypt.</param>
    /// <exception cref="IsotopeException">As for <see cref="Load"/>; or the file is already encrypted, or already decrypted.</exception>
    public static CarrierKey Relock(string path, Func<string> opening, Func<string>? closing)
    {
        path = TargetOf(path); // or the link would be replaced, and the key itself kept as it was
        var isLocked = IsLocked(path);
        if (isLocked && closing is not null)
            throw UntrustedFile.Refused(path, "a key without a passphrase; isotope key decrypt removes it", "one that has a passphrase");
        if (!isLocked && closing is null)
            throw UntrustedFile.Refused(path, "a key with a passphrase", "one without");
        var document = Read(path, opening);
        var key = Checked(path, document);
        Write(path, document, closing?.Invoke(), kept: null);
        return key;
    }

    /// <summary>
    /// Writes a key's opening: the carriers and salt that its commitment binds, without the secret that images and views were drawn from.
    /// </summary>
    /// <exception cref="IsotopeException">The file exists.</exception>
    public static void SaveOpening(CarrierKey key, string path) =>
        Write(
            path,
            Document.Of(key, key.Draw is null ? OpeningFormat : DrawnOpeningFormat, secret: null, key.Salt.ToArray()),
            passphrase: null,
            Kept
        );

    /// <summary>The file that a path leads to, if it is a link; otherwise the path.</summary>
    public static string TargetOf(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;

    /// <summary>Reads a key and checks its format, sizes, carriers and commitment.</summary>
    /// <param name="path">The file.</param>
    /// <param name="passphrase">Gives the passphrase if the file is encrypted; null if none can be given.</param>
    /// <exception cref="IsotopeException">The file is missing, not a key, or damaged.</exception>
    public static CarrierKey Load(string path, Func<string>? passphrase = null)
    {
        var document = Read(path, passphrase);
        if (document.Format is not (Format or DrawnFormat))
            throw Other(path, $"format {Format} or {DrawnFormat}", document);
        return Checked(path, document);
    }

    /// <summary>Reads a key or an opening, either of which has the carriers that a test needs.</summary>
    /// <param name="path">The file.</param>
    /// <param name="passphrase">Gives the passphrase if the file is encrypted; null if none can be given.</param>
    /// <exception cref="IsotopeException">The file is missing, neither a key nor an opening, or damaged.</exception>
    public static CarrierKey LoadForTest(string path, Func<string>? passphrase = null)
    {
        var document = Read(path, passphrase);
        if (document.Format is not (Format or DrawnFormat or OpeningFormat or DrawnOpeningFormat))
            throw Other(path, $"a key ({Format}, {DrawnFormat}) or an opening", document);
        return Checked(path, document);
    }

    private static void Write(string path, Document document, string? passphrase, string? kept) =>
        AtomicFile.WritePrivate(
            path,
            stream =>
            {
                var json = JsonSerializer.SerializeToUtf8Bytes(document, KeyJson.Default.Document);
                if (passphrase is null)
                    stream.Write(json);
                else
                    JsonSerializer.Serialize(stream, LockedKey.Of(json, passphrase), KeyJson.Default.LockedKey);
            },
            kept
        );

    private static string FormatOf(CarrierKey key) => key.Draw is null ? Format : DrawnFormat;

    private static IsotopeException Other(string path, string expected, Document document) =>
        document.Format == UndrawnFormat
            ? UntrustedFile.Refused(path, "a key that was drawn (isotope key draw)", "one that is still to be drawn")
            : UntrustedFile.Refused(path, expected, $"'{document.Format}'");

    private static UndrawnKey Undrawn(string path, Document document)
    {
        if (document.Format != UndrawnFormat)
            throw UntrustedFile.Refused(path, "a key that is still to be drawn, as isotope plan makes it", $"'{document.Format}'");
        return document is { Classes: >= 2, Dimension: >= 2, Secret.Length: CarrierKey.SecretSize }
            ? new UndrawnKey(document.Classes, document.Dimension, document.Secret)
            : throw UntrustedFile.Refused(path, "at least 2 classes and dimensions and a secret of 32 bytes", "something else");
    }

    private static CarrierKey Checked(string path, Document document)
    {
        if (document.Format == UndrawnFormat)
            throw Other(path, "a key", document);
        var isKey = document.Format is Format or DrawnFormat;
        var isDrawn = document.Format is DrawnFormat or DrawnOpeningFormat;
        var secretOrSalt = isKey ? document.Secret : document.Salt;
        if (document.Classes < 2 || document.Dimension < 2 || secretOrSalt?.Length != CarrierKey.SecretSize)
            throw UntrustedFile.Refused(path, "at least 2 classes and dimensions and a secret of 32 bytes", "something else");
        if (isDrawn != document.Draw is not null || (isDrawn && !isKey && document.CarrierSecret?.Length != CarrierKey.SecretSize))
            throw UntrustedFile.Refused(path, "the plan and the beacon of a key that was drawn with them", "something else");
        var stored = document.Carriers ?? [];
        var carriers = MemoryMarshal.Cast<byte, float>(stored).ToArray();
        if (stored.LongLength != (long)document.Classes * document.Dimension * sizeof(float))
            throw UntrustedFile.Refused(path, $"{document.Classes} × {document.Dimension} carriers", $"{carriers.Length} values");
        for (var label = 0; label < document.Classes; label++)
            CheckNorm(path, label, carriers.AsSpan(label * document.Dimension, document.Dimension));
        var (classes, dimension, origin, created) = (document.Classes, document.Dimension, document.Origin, document.Created);
        var key = isKey
            ? new CarrierKey(classes, dimension, origin, document.Secret!, carriers, document.Draw) { Created = created }
            : new CarrierKey(classes, dimension, origin, carriers, document.Salt!)
            {
                Created = created,
                Draw = document.Draw,
                CarrierSecret = document.CarrierSecret,
            };
        if (key.Commitment != document.Commitment)
            throw UntrustedFile.Refused(path, $"commitment {document.Commitment}", key.Commitment);
        return key;
    }

    private static void CheckNorm(string path, int label, ReadOnlySpan<float> carrier)
    {
        var squares = CarrierKey.SquaredNorm(carrier);
        if (!(Math.Abs(squares - 1) < NormTolerance))
            throw UntrustedFile.Refused(path, $"a carrier of norm 1 for class {label}", $"norm {Math.Sqrt(squares):G6}");
    }

    private static bool IsLocked(string path) => JsonFile.Load(path, KeyJson.Default.Envelope, Kind).Format == LockedKey.CurrentFormat;

    private static Document Read(string path, Func<string>? passphrase)
    {
        if (!IsLocked(path))
            return JsonFile.Load(path, KeyJson.Default.Document, Kind);
        if (passphrase is null)
            throw UntrustedFile.Refused(path, "a key without a passphrase", "an encrypted one; isotope key decrypt removes the passphrase");
        var document = JsonFile.Load(path, KeyJson.Default.LockedKey, Kind).Open(path, passphrase());
        return JsonFile.Parse(path, document, KeyJson.Default.Document, Kind);
    }

    internal sealed record Document(
        [property: JsonRequired] string Format,
        [property: JsonRequired] int Classes,
        [property: JsonRequired] int Dimension,
        [property: JsonRequired] string Origin,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Commitment,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] byte[]? Secret,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] byte[]? Salt,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] byte[]? Carriers,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateOnly? Created = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] KeyDraw? Draw = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] byte[]? CarrierSecret = null
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
                key.Created,
                key.Draw,
                secret is null ? key.CarrierSecret : null
            );

        public static Document Of(UndrawnKey key) =>
            new(UndrawnFormat, key.Classes, key.Dimension, "undrawn", Commitment: null, key.Secret, Salt: null, Carriers: null);
    }

    /// <summary>The part that all kinds of key files share.</summary>
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
