using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Isotope.Datasets;

/// <summary>JSON documents: keys, manifests, results.</summary>
public static class JsonFile
{
    /// <summary>Writes a document that its owner alone may read.</summary>
    /// <exception cref="IsotopeException">It can't be written.</exception>
    public static void SavePrivate<T>(string path, T document, JsonTypeInfo<T> type) =>
        AtomicFile.WritePrivate(path, stream => JsonSerializer.Serialize(stream, document, type));

    /// <summary>Reads a document.</summary>
    /// <exception cref="IsotopeException">It can't be read, or is something else.</exception>
    public static T Load<T>(string path, JsonTypeInfo<T> type, string kind)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return JsonSerializer.Deserialize(stream, type) ?? throw new JsonException();
        }
        catch (JsonException e)
        {
            throw new IsotopeException($"{path}: expected {kind} (JSON), found something else (line {e.LineNumber + 1})", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IsotopeException($"{path}: expected a readable file: {e.Message}", e);
        }
    }
}
