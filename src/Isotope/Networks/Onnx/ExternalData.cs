using System.Globalization;
using Isotope.Files;
using Isotope.Networks.Checkpoints;
using static Isotope.Files.UntrustedFile;

namespace Isotope.Networks.Onnx;

/// <summary>
/// Weights in files of their own. A model may name plain files of its folder and below it, no others and no links; the
/// runtime is told that folder and maps them, so that they may be larger than memory for two copies, or 2 GiB.
/// </summary>
internal sealed class ExternalData
{
    private const int IsExternal = 1;
    private readonly SortedDictionary<string, string> files = new(StringComparer.Ordinal);

    /// <summary>Checks where the tensors say that their data are, before anything reads them there.</summary>
    /// <param name="modelPath">The model's file.</param>
    /// <param name="tensors">All tensors of the model.</param>
    /// <exception cref="InvalidDataException">A file is elsewhere, missing, or shorter than said, or data have another length than their
    /// shape.</exception>
    public ExternalData(string modelPath, IEnumerable<TensorProto> tensors)
    {
        Folder = Path.GetDirectoryName(Path.GetFullPath(modelPath))!;
        foreach (var tensor in tensors.Where(Is))
            Check(tensor);
    }

    /// <summary>Where the files are.</summary>
    public string Folder { get; }

    /// <summary>Path of each file by its name in the model, in the order of the names.</summary>
    public IReadOnlyDictionary<string, string> Files => files;

    /// <summary>Whether a tensor's data are in another file.</summary>
    public static bool Is(TensorProto tensor) => tensor.DataLocation == IsExternal || tensor.ExternalData.Count > 0;

    /// <summary>The data of a tensor that was checked.</summary>
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
        return Number(tensor, "length") is not { } told || told == length
            ? (location, Number(tensor, "offset") ?? 0, length)
            : throw Unexpected($"{length} bytes of external data of {Printable.Start(tensor.Name)}, as its shape says", told);
    }

    private string Find(string location)
    {
        var path = Folder;
        var steps = location.Split('/', '\\');
        // A star begins what the runtime takes for an address in memory.
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

    private static long? Number(TensorProto tensor, string key) =>
        Entry(tensor, key) is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw Unexpected($"a number as {key} of external data", $"'{Printable.Start(text)}'");

    private static string? Entry(TensorProto tensor, string key) => tensor.ExternalData.LastOrDefault(entry => entry.Key == key)?.Value;
}
