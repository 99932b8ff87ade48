using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Isotope.Datasets;

/// <summary>
/// A list of replacements as research scripts use it: <c>{"type": "per_sample", "content": {"INDEX": "PATH"}}</c>, where the
/// index is an image's place in the dataset (classes and files in order, as in torchvision's ImageFolder).
/// </summary>
public static class PerSampleList
{
    private const string Type = "per_sample";

    /// <summary>The dataset with the listed images replaced; ids stay. Paths are relative to the list's folder, or absolute.</summary>
    /// <exception cref="IsotopeException">Not such a list, an index outside the dataset, or a missing file.</exception>
    public static ImageFolder Apply(ImageFolder dataset, string path)
    {
        LabelledImage[] images = [.. dataset.Images];
        foreach (var (key, relative) in Read(path).Content)
        {
            if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index >= images.Length)
                throw new IsotopeException($"{path}: expected indices 0 to {images.Length - 1}, found '{key}'");
            var replacement = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, relative);
            if (!File.Exists(replacement)) throw new IsotopeException($"{path}: expected an image {replacement}, found none");
            images[index] = images[index] with { Path = replacement };
        }

        return dataset with { Images = images };
    }

    /// <summary>Lists the marked images of a dataset, with absolute paths.</summary>
    public static void Save(string path, ImageFolder dataset, Manifest manifest, string folder)
    {
        var indices = dataset.Images.Index().ToDictionary(pair => pair.Item.Id, pair => pair.Index, StringComparer.Ordinal);
        var content = manifest.Images.ToDictionary(
            image => indices[image.Id].ToString(CultureInfo.InvariantCulture), image => Path.GetFullPath(Path.Combine(folder, image.File)));
        AtomicFile.WritePrivate(path, stream => JsonSerializer.Serialize(stream, new Document(Type, content), PerSampleJson.Default.Document));
    }

    private static Document Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var document = JsonSerializer.Deserialize(stream, PerSampleJson.Default.Document);
            return document?.Type == Type ? document : throw new JsonException();
        }
        catch (JsonException)
        {
            throw new IsotopeException(path + """: expected a list {"type": "per_sample", "content": {"INDEX": "PATH"}}, found something else""");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IsotopeException($"{path}: expected a readable list: {e.Message}", e);
        }
    }

    internal sealed record Document([property: JsonRequired] string Type, [property: JsonRequired] IReadOnlyDictionary<string, string> Content);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(PerSampleList.Document))]
internal sealed partial class PerSampleJson : JsonSerializerContext;
