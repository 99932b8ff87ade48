using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace Isotope.Files;

/// <summary>JSON documents: keys, manifests, results.</summary>
public static class JsonFile
{
    private const long MostBytes = 1 << 30;

    /// <summary>Writes a document, or refuses as <see cref="AtomicFile.Write(string, Action{Stream}, string)"/> does.</summary>
    /// <exception cref="IsotopeException">It can't be written.</exception>
    public static void Save<T>(string path, T document, JsonTypeInfo<T> type, string? kept = null) =>
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, document, type), kept);

    /// <summary>Writes a document that its owner alone may read.</summary>
    /// <exception cref="IsotopeException">It can't be written.</exception>
    public static void SavePrivate<T>(string path, T document, JsonTypeInfo<T> type) =>
        AtomicFile.WritePrivate(path, stream => JsonSerializer.Serialize(stream, document, type));

    /// <summary>Reads a document.</summary>
    /// <exception cref="IsotopeException">It can't be read, or is something else.</exception>
    public static T Load<T>(string path, JsonTypeInfo<T> type, string kind) =>
        Parse(path, UntrustedFile.Guard(path, () => Read(path)), type, kind);

    /// <summary>A document of bytes; <paramref name="path"/> is used in errors alone.</summary>
    /// <exception cref="IsotopeException">They are something else.</exception>
    internal static T Parse<T>(string path, byte[] json, JsonTypeInfo<T> type, string kind)
    {
        try
        {
            Check(json);
            return JsonSerializer.Deserialize(json, type) ?? throw new JsonException();
        }
        catch (JsonException e)
        {
            throw new IsotopeException(
                $"{path}: expected {kind} (JSON), found something else{(e.LineNumber is { } line ? $" (line {line + 1})" : "")}",
                e
            );
        }
    }

    /// <summary>Requires valid UTF-8, whole characters in names and texts, and no name twice in an object.</summary>
    /// <exception cref="JsonException">It is no such JSON.</exception>
    internal static JsonDocument ParseChecked(ReadOnlyMemory<byte> json)
    {
        if (!Utf8.IsValid(json.Span))
            throw new JsonException("no UTF-8");
        RequireTexts(json.Span);
        return JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
    }

    /// <inheritdoc cref="ParseChecked"/>
    internal static void Check(ReadOnlyMemory<byte> json) => ParseChecked(json).Dispose();

    /// <inheritdoc cref="ParseChecked"/>
    internal static void Check(string json) => Check(Encoding.UTF8.GetBytes(json));

    /// <summary>An escaped half of a surrogate pair is JSON, but can't be read as a text.</summary>
    private static void RequireTexts(ReadOnlySpan<byte> json)
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
            throw new JsonException(
                "half a character",
                path: null,
                json[..(int)reader.TokenStartIndex].Count((byte)'\n'),
                bytePositionInLine: null,
                e
            );
        }
    }

    /// <summary>A file's bytes, to be checked.</summary>
    /// <exception cref="IsotopeException">The file is too large.</exception>
    internal static byte[] Read(string path) =>
        new FileInfo(path) is { Exists: true, Length: > MostBytes } large
            ? throw new IsotopeException($"{path}: expected at most {MostBytes >> 20} MB of JSON, found {large.Length >> 20}")
            : File.ReadAllBytes(path);
}
