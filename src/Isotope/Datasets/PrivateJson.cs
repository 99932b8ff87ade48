using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Isotope.Datasets;

/// <summary>JSON files that are kept with the key: readable by their owner alone.</summary>
internal static class PrivateJson
{
    /// <exception cref="IsotopeException">It can't be written.</exception>
    public static void Save<T>(string path, T document, JsonTypeInfo<T> type) =>
        AtomicFile.WritePrivate(path, stream => JsonSerializer.Serialize(stream, document, type));

    /// <param name="path">The file.</param>
    /// <param name="type">What is in it.</param>
    /// <param name="expected">What errors call that.</param>
    /// <exception cref="IsotopeException">Missing or something else.</exception>
    public static T Load<T>(string path, JsonTypeInfo<T> type, string expected)
        where T : class
    {
        try
        {
            using var stream = File.OpenRead(path);
            return JsonSerializer.Deserialize(stream, type) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new IsotopeException($"{path}: expected {expected} (JSON), found something else");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IsotopeException($"{path}: expected {expected} that can be read: {e.Message}", e);
        }
    }
}
