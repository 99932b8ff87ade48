using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Isotope.Datasets;

namespace Isotope.Carriers;

/// <summary>
/// The key on disk: JSON, readable by its owner alone (mode 0600 on Unix). Its opening, for an expert who checks the commitment and repeats
/// the test, has the salt of the commitment in place of the secret.
/// </summary>
public static class KeyFile
{
    private const string Format = "isotope-key-1";
    private const string OpeningFormat = "isotope-opening-1";
    private const double NormTolerance = 1e-4;

    /// <summary>Writes a key; an existing file is never overwritten, since a lost key can't be had again.</summary>
    /// <exception cref="IsotopeException">The file exists.</exception>
    public static void Save(CarrierKey key, string path) => Write(key, path, Format, key.Secret.ToArray(), salt: null);

    /// <summary>Writes what the commitment binds: carriers and salt, without the secret that images and views were drawn with.</summary>
    /// <exception cref="IsotopeException">The file exists.</exception>
    public static void SaveOpening(CarrierKey key, string path) => Write(key, path, OpeningFormat, secret: null, key.Salt.ToArray());

    /// <summary>Reads a key and checks it: format, sizes, unit carriers, commitment.</summary>
    /// <exception cref="IsotopeException">Missing, not a key, or damaged.</exception>
    public static CarrierKey Load(string path)
    {
        var document = Read(path);
        if (document.Format != Format) throw Damaged(path, $"format {Format}", $"'{document.Format}'");
        return Checked(path, document);
    }

    /// <summary>Reads a key or its opening: tests need no more than carriers.</summary>
    /// <exception cref="IsotopeException">Missing, neither of them, or damaged.</exception>
    public static CarrierKey LoadForTest(string path)
    {
        var document = Read(path);
        if (document.Format is not (Format or OpeningFormat)) throw Damaged(path, $"format {Format} or {OpeningFormat}", $"'{document.Format}'");
        return Checked(path, document);
    }

    private static void Write(CarrierKey key, string path, string format, byte[]? secret, byte[]? salt)
    {
        AtomicFile.RequireNew(path, "a key is never overwritten");
        var carriers = MemoryMarshal.AsBytes(key.Carriers).ToArray();
        var document = new Document(format, key.Classes, key.Dimension, key.Origin, key.Commitment, secret, salt, carriers);
        AtomicFile.WritePrivate(path, stream => JsonSerializer.Serialize(stream, document, KeyJson.Default.Document));
    }

    private static CarrierKey Checked(string path, Document document)
    {
        if (document.Classes < 2 || document.Dimension < 2 || (document.Format == Format ? document.Secret : document.Salt)?.Length != CarrierKey.SecretSize)
            throw Damaged(path, "at least 2 classes and dimensions and a secret of 32 bytes", "something else");
        var carriers = MemoryMarshal.Cast<byte, float>(document.Carriers).ToArray();
        if (document.Carriers.LongLength != (long)document.Classes * document.Dimension * sizeof(float))
            throw Damaged(path, $"{document.Classes} × {document.Dimension} carriers", $"{carriers.Length} values");
        for (var label = 0; label < document.Classes; label++)
            CheckNorm(path, label, carriers.AsSpan(label * document.Dimension, document.Dimension));
        var key = document.Format == Format
            ? new CarrierKey(document.Classes, document.Dimension, document.Origin, document.Secret!, carriers)
            : new CarrierKey(document.Classes, document.Dimension, document.Origin, carriers, document.Salt!);
        if (key.Commitment != document.Commitment) throw Damaged(path, $"commitment {document.Commitment}", key.Commitment);
        return key;
    }

    private static void CheckNorm(string path, int label, ReadOnlySpan<float> carrier)
    {
        var squares = 0.0;
        foreach (var value in carrier) squares += (double)value * value;
        if (!(Math.Abs(squares - 1) < NormTolerance)) throw Damaged(path, $"a carrier of norm 1 for class {label}", $"norm {Math.Sqrt(squares):G6}");
    }

    private static Document Read(string path) => JsonFile.Load(path, KeyJson.Default.Document, "an Isotope key");

    private static IsotopeException Damaged(string path, string expected, string found) => new($"{path}: expected {expected}, found {found}");

    internal sealed record Document(
        [property: JsonRequired] string Format,
        [property: JsonRequired] int Classes,
        [property: JsonRequired] int Dimension,
        [property: JsonRequired] string Origin,
        [property: JsonRequired] string Commitment,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] byte[]? Secret,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] byte[]? Salt,
        [property: JsonRequired] byte[] Carriers);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(KeyFile.Document))]
internal sealed partial class KeyJson : JsonSerializerContext;
