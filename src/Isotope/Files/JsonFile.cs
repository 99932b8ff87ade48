using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace Isotope.Files;

/// <summary>JSON documents, such as keys, manifests and results.</summary>
internal static class JsonFile
{
    private const long MostBytes = 1 << 30;

    /// <summary>Writes a document.</summary>
    /// <inheritdoc cref="AtomicFile.Write(string, Action{Stream}, string)"/>
    public static void Save<T>(string path, T document, JsonTypeInfo<T> type, string? kept = null) =>
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, document, type), kept);

    /// <summary>Writes a document that only its owner can read.</summary>
    /// <exception cref="IsotopeException">It can't be written.</exception>
    public static void SavePrivate<T>(string path, T document, JsonTypeInfo<T> type) =>
        AtomicFile.WritePrivate(path, stream => JsonSerializer.Serialize(stream, document, type));

    /// <summary>Reads a document.</summary>
    /// <param name="path">The file.</param>
    /// <param name="type">The type that the document must have.</param>
    /// <param name="kind">What errors call such a document.</param>
    /// <exception cref="IsotopeException">It can't be read, or is something else.</exception>
    public static T Load<T>(string path, JsonTypeInfo<T> type, string kind) =>
        Parse(path, UntrustedFile.Guard(path, () => Read(path)), type, kind);

    /// <summary>Parses a document; <paramref name="path"/> is used only in errors.</summary>
    /// <exception cref="IsotopeException">The bytes are something else.</exception>
    internal static T Parse<T>(string path, byte[] json, JsonTypeInfo<T> type, string kind)
    {
        try
        {
            Check(json);
            return JsonSerializer.Deserialize(json, type) ?? throw new JsonException();
        }
        catch (JsonException e)
        {
            var line = e.LineNumber is { } number ? $" (line {number + 1})" : "";
            throw new IsotopeException($"{path}: expected {kind} (JSON), found something else{line}", e);
        }
    }

    /// <summary>Parses JSON that is valid UTF-8, has no property twice in one object, and escapes no half of a character.</summary>
    /// <exception cref="JsonException">It is not such JSON.</exception>
    internal static JsonDocument ParseChecked(ReadOnlyMemory<byte> json)
    {
        if (!Utf8.IsValid(json.Span))
            throw new JsonException("no UTF-8");
        RequireWholeCharacters(json.Span);
        return JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
    }

    /// <summary>Refuses what <see cref="ParseChecked"/> refuses.</summary>
    /// <inheritdoc cref="ParseChecked"/>
    internal static void Check(ReadOnlyMemory<byte> json) => ParseChecked(json).Dispose();

    /// <inheritdoc cref="Check(ReadOnlyMemory{byte})"/>
    internal static void Check(string json) => Check(Encoding.UTF8.GetBytes(json));

    /// <summary>The bytes of a file, not checked yet.</summary>
    /// <exception cref="IsotopeException">The file is too large.</exception>
    internal static byte[] Read(string path) =>
        new FileInfo(path) is { Exists: true, Length: > MostBytes } large
            ? throw new IsotopeException($"{path}: expected at most {MostBytes >> 20} MB of JSON, found {large.Length >> 20}")
            : File.ReadAllBytes(path);

    /// <summary>An escaped half of a surrogate pair is valid JSON, but can't be read as text.</summary>
    private static void RequireWholeCharacters(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            while (reader.Read())
                if (reader.ValueIsEscaped)
                    reader.GetString();
        }
        catch (InvalidOperationException e)
        {
            var line = json[..(int)reader.TokenStartIndex].Count((byte)'\n');
            throw new JsonException("half a character", path: null, line, bytePositionInLine: null, e);
        }
    }
}
