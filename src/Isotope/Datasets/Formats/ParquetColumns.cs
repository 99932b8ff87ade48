using System.Text.Json.Nodes;
using Isotope.Files;
using Parquet;
using Parquet.Schema;

namespace Isotope.Datasets.Formats;

/// <summary>
/// The columns of a Parquet file that are read. Hugging Face's metadata say which hold images and classes; without them names do.
/// </summary>
/// <param name="Image">The bytes of images.</param>
/// <param name="Path">The paths that images once had; null if unknown.</param>
/// <param name="Label">Their labels.</param>
/// <param name="ClassNames">The names of the classes in the metadata; null if there are none.</param>
internal sealed record ParquetColumns(DataField Image, DataField? Path, DataField Label, string[]? ClassNames)
{
    private const string BytesField = "bytes";
    private const string PathField = "path";
    private const string Metadata = "huggingface";
    private static readonly string[] Truths = ["false", "true"];

    /// <summary>The columns that were asked for, or those that metadata or names tell.</summary>
    /// <exception cref="IsotopeException">There are none, or several.</exception>
    public static ParquetColumns Of(string path, ParquetReader reader, DatasetOptions options)
    {
        var features = FeaturesOf(reader);
        DataField[] flat = [.. reader.Schema.GetDataFields().Where(field => field.MaxRepetitionLevel == 0)];
        var image = ImageOf(path, flat, features, options.ImageColumn);
        var column = image.Path.FirstPart;
        var paths = flat.FirstOrDefault(field => field.Name == PathField && field.Path.FirstPart == column && field.Path.Length == 2);
        var label = LabelOf(path, [.. flat.Where(field => field.Path.Length == 1 && field != image)], features, options.LabelColumn);
        var names = (features?[label.Name] as JsonObject)?["names"] as JsonArray;
        return new(image, paths, label, label.ClrType == typeof(bool) ? Truths : names?.Select(name => name?.ToString() ?? "").ToArray());
    }

    /// <summary>Whether a column has bytes.</summary>
    public static bool IsBytes(DataField field) => field.ClrType == typeof(byte[]) || field.ClrType == typeof(ReadOnlyMemory<byte>);

    /// <summary>Whether a column has texts.</summary>
    public static bool IsText(DataField field) => field.ClrType == typeof(string) || field.ClrType == typeof(ReadOnlyMemory<char>);

    private static DataField ImageOf(string path, DataField[] flat, JsonObject? features, string? asked)
    {
        DataField[] structs = [.. flat.Where(field => field.Path.Length == 2 && field.Name == BytesField)];
        DataField[] binary = [.. flat.Where(field => field.Path.Length == 1 && IsBytes(field))];
        DataField[] all = [.. structs, .. binary];
        if (Columns.Asked(path, Names(all), asked, "--image-column") is { } name)
            return all.First(field => field.Path.FirstPart == name);
        DataField[] told = [.. all.Where(field => IsOfType(features, field.Path.FirstPart!, "Image"))];
        foreach (var fields in new[] { told, structs, binary })
            if (fields.Length > 0)
                return fields is [var only] ? only : all.First(field => field.Path.FirstPart == OneOf(fields));
        throw new IsotopeException(
            $"{path}: expected one column of images, a struct of bytes and path or plain bytes, found "
                + $"{string.Join(", ", flat.Select(field => Printable.Start(field.Path.ToString())).Take(12))}"
        );

        string OneOf(DataField[] fields)
        {
            string[] usual = [.. Names(fields).Where(name => name is "image" or "img")];
            var shown = string.Join(", ", Names(fields).Select(name => Printable.Start(name)));
            return usual is [var only]
                ? only
                : throw new IsotopeException($"{path}: expected one column of images, found {shown}; name one by --image-column");
        }
    }

    private static DataField LabelOf(string path, DataField[] fields, JsonObject? features, string? asked)
    {
        var name = Columns.Asked(path, Names(fields), asked, "--label-column");
        DataField[] told = [.. fields.Where(field => IsOfType(features, field.Name, "ClassLabel"))];
        name ??= Columns.Label(path, Names(told.Length > 0 ? told : fields), asked: told is [var only] ? only.Name : null);
        return fields.First(field => field.Name == name);
    }

    private static string[] Names(DataField[] fields) => [.. fields.Select(field => field.Path.FirstPart!)];

    private static bool IsOfType(JsonObject? features, string column, string type) =>
        features?[column] is JsonObject feature && feature["_type"]?.ToString() == type;

    private static JsonObject? FeaturesOf(ParquetReader reader) =>
        reader.CustomMetadata.TryGetValue(Metadata, out var json) ? JsonNode.Parse(json)?["info"]?["features"] as JsonObject : null;
}
