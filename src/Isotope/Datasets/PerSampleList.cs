using System.Text.Json;
using System.Text.Json.Serialization;
using Isotope.Files;

namespace Isotope.Datasets;

/// <summary>
/// Which images of a training set are replaced: <c>{"type": "per_sample", "content": {position: path}}</c>. A position is
/// that of the image in <see cref="Dataset.Images"/>, from 0. It names the marked images: keep it with the key.
/// </summary>
/// <param name="Files">Paths by position.</param>
public sealed record PerSampleList(IReadOnlyDictionary<int, string> Files)
{
    /// <summary>The <c>type</c> of such a list.</summary>
    public const string Type = "per_sample";

    /// <summary>The list of what was marked.</summary>
    /// <param name="dataset">The dataset that was marked.</param>
    /// <param name="manifest">What was marked.</param>
    /// <param name="output">Where the marked images are.</param>
    /// <param name="folder">The folder that the list will lie in: paths are relative to it.</param>
    public static PerSampleList Of(Dataset dataset, Manifest manifest, string output, string folder)
    {
        var positions = dataset.Images.Index().ToDictionary(image => image.Item.Id, image => image.Index, StringComparer.Ordinal);
        return new PerSampleList(
            manifest.Images.ToDictionary(
                image => positions[image.Id],
                image => Path.GetRelativePath(folder, Path.Combine(output, image.File)).Replace('\\', '/')
            )
        );
    }

    /// <summary>The same list with paths below a folder where they are relative.</summary>
    public PerSampleList Below(string folder) => new(Files.ToDictionary(file => file.Key, file => Path.Combine(folder, file.Value)));

    /// <summary>Writes it as JSON, readable by the owner alone.</summary>
    /// <exception cref="IsotopeException">It can't be written.</exception>
    public void Save(string path) =>
        JsonFile.SavePrivate(
            path,
            new Document(Type, new SortedDictionary<int, string>(Files.ToDictionary())),
            PerSampleJson.Default.Document
        );

    /// <summary>Reads JSON; paths are as they are in it.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
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

    /// <summary>What to throw at anything else.</summary>
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
