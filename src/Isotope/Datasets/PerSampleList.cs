using System.Text.Json;
using System.Text.Json.Serialization;
using Isotope.Files;

namespace Isotope.Datasets;

/// <summary>
/// A list of images that replace others in a training set: <c>{"type": "per_sample", "content": {position: path}}</c>. Keep it with the
/// key; publishing it would reveal the marked images.
/// </summary>
/// <param name="Files">Paths by the position of the replaced image in <see cref="Dataset.Images"/>, from 0.</param>
public sealed record PerSampleList(IReadOnlyDictionary<int, string> Files)
{
    /// <summary>The value of <c>type</c> in such a list.</summary>
    public const string Type = "per_sample";

    /// <summary>The list of the images that were marked.</summary>
    /// <param name="dataset">The dataset that was marked.</param>
    /// <param name="manifest">The manifest of the marked images.</param>
    /// <param name="output">The folder of the marked images.</param>
    /// <param name="folder">The folder of the list; paths are relative to it.</param>
    public static PerSampleList Of(Dataset dataset, Manifest manifest, string output, string folder)
    {
        var positions = dataset.Images.Index().ToDictionary(image => image.Item.Id, image => image.Index, StringComparer.Ordinal);
        return new PerSampleList(manifest.Images.ToDictionary(image => positions[image.Id], PathOf));

        string PathOf(MarkedImage image) => Path.GetRelativePath(folder, Path.Combine(output, image.File)).Replace('\\', '/');
    }

    /// <summary>The same list, in which relative paths are taken as relative to a folder.</summary>
    public PerSampleList Below(string folder) => new(Files.ToDictionary(file => file.Key, file => Path.Combine(folder, file.Value)));

    /// <summary>Writes the list as JSON that only the owner can read.</summary>
    /// <exception cref="IsotopeException">It can't be written.</exception>
    public void Save(string path)
    {
        var inOrder = new SortedDictionary<int, string>(Files.ToDictionary());
        JsonFile.SavePrivate(path, new Document(Type, inOrder), PerSampleJson.Default.Document);
    }

    /// <summary>Reads a list in JSON, with its paths as they are.</summary>
    /// <exception cref="InvalidDataException">The JSON is something else.</exception>
    internal static PerSampleList Read(Stream stream)
    {
        try
        {
            var document = JsonSerializer.Deserialize(stream, PerSampleJson.Default.Document);
            if (document?.Type == Type && !document.Content.ContainsValue(null!))
                return new PerSampleList(document.Content);
        }
        catch (JsonException) { }

        throw Unexpected();
    }

    /// <summary>The exception for anything else.</summary>
    internal static InvalidDataException Unexpected() =>
        new(
            $"expected {{\"type\": \"{Type}\", \"content\": {{position: path}}}}, as JSON or as torch.save writes it, found something else"
        );

    internal sealed record Document([property: JsonRequired] string Type, [property: JsonRequired] SortedDictionary<int, string> Content);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    RespectNullableAnnotations = true
)]
[JsonSerializable(typeof(PerSampleList.Document))]
internal sealed partial class PerSampleJson : JsonSerializerContext;
