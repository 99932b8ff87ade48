using System.Globalization;
using Isotope.Files;
using Isotope.Networks.Checkpoints;
using static Isotope.Files.UntrustedFile;

namespace Isotope.Networks.Onnx;

/// <summary>
/// Weights in files beside the model. A model may name plain files in its folder and below, but no others and no links. ONNX Runtime is
/// given that folder and maps the files, so they may exceed 2 GiB and need no second copy in memory.
/// </summary>
internal sealed class ExternalData
{
    private const int External = 1; // TensorProto.DataLocation
    private readonly SortedDictionary<string, string> files = new(StringComparer.Ordinal);

    /// <summary>Checks where the tensors' data are said to be, before anything reads them.</summary>
    /// <param name="modelPath">The model's file.</param>
    /// <param name="tensors">All tensors of the model.</param>
    /// <exception cref="InvalidDataException">A file is elsewhere, missing or too short, or the data don't fit their shape.</exception>
    public ExternalData(string modelPath, IEnumerable<TensorProto> tensors)
    {
        Folder = Path.GetDirectoryName(Path.GetFullPath(modelPath))!;
        foreach (var tensor in tensors.Where(IsExternal))
            Check(tensor);
    }

    /// <summary>The model's folder.</summary>
    public string Folder { get; }

    /// <summary>Path of each file by its name in the model, ordered by name.</summary>
    public IReadOnlyDictionary<string, string> Files => files;

    /// <summary>Whether a tensor's data are in another file.</summary>
    public static bool IsExternal(TensorProto tensor) => tensor.DataLocation == External || tensor.ExternalData.Count > 0;

    /// <summary>The data of a checked tensor.</summary>
    /// <exception cref="InvalidDataException">They are 2 GiB or more.</exception>
    public byte[] Read(TensorProto tensor)
    {
        var (location, offset, length) = Place(tensor);
        if (length > Array.MaxLength)
            throw Unexpected($"less than 2 GiB of {Printable.Start(tensor.Name)}", $"{length} bytes");
        using var file = File.OpenRead(files[location]);
        file.Position = offset;
        var bytes = new byte[length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private void Check(TensorProto tensor)
    {
        var (location, offset, length) = Place(tensor);
        if (!files.TryGetValue(location, out var path))
            files.Add(location, path = Find(location));
        var found = new FileInfo(path).Length;
        if (offset > found || length > found - offset)
            throw Unexpected(
                $"{length} bytes of {Printable.Start(tensor.Name)} at {offset} in its external data '{Printable.Start(location)}'",
                $"{found} bytes"
            );
    }

    private static (string Location, long Offset, long Length) Place(TensorProto tensor)
    {
        var location =
            Entry(tensor, "location") ?? throw Unexpected($"a location of the external data of {Printable.Start(tensor.Name)}", "none");
        var size =
            ElementType.OfOnnx(tensor.DataType)?.Bytes
            ?? throw Unexpected("external data of numbers or booleans", $"type {tensor.DataType} of {Printable.Start(tensor.Name)}");
        var length = checked(ElementType.Count([.. tensor.Dims]) * size);
        if (Number(tensor, "length") is { } stated && stated != length)
            throw Unexpected($"{length} bytes of external data of {Printable.Start(tensor.Name)}, as its shape says", stated);
        return (location, Number(tensor, "offset") ?? 0, length);
    }

    private string Find(string location)
    {
        var path = Folder;
        var steps = location.Split('/', '\\');
        // ONNX Runtime takes a name that begins with a star for an address in memory.
        if (location.IndexOfAny(['\0', '*', ':']) >= 0 || steps.Any(step => step is "" or ".."))
            throw Outside(location);
        foreach (var step in steps)
        {
            path = Path.Combine(path, step);
            if (new FileInfo(path).LinkTarget is not null)
                throw Outside(location);
        }

        return File.Exists(path) ? path : throw Unexpected($"external data '{Printable.Start(location)}' beside the model", "no such file");
    }

    private static InvalidDataException Outside(string location) =>
        Unexpected(
            "external data in files of the model's own folder",
            $"'{Printable.Start(location)}', which leads out of it or is a link"
        );

    private static long? Number(TensorProto tensor, string key)
    {
        if (Entry(tensor, key) is not { } text)
            return null;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            throw Unexpected($"a number as {key} of external data", $"'{Printable.Start(text)}'");
        return number;
    }

    private static string? Entry(TensorProto tensor, string key) => tensor.ExternalData.LastOrDefault(entry => entry.Key == key)?.Value;
}
