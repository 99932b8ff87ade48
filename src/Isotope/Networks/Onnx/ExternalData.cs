using System.Globalization;
using Google.Protobuf;
using static Isotope.Networks.Checkpoints.CheckpointFile;

namespace Isotope.Networks.Onnx;

/// <summary>Weights in files of their own. A model may name files of its folder and below it, no others and no links.</summary>
internal sealed class ExternalData(string modelPath)
{
    private const int IsExternal = 1;

    /// <summary>Copies the data into the tensors.</summary>
    /// <param name="tensors">All tensors of the model.</param>
    /// <param name="modelBytes">Size of the model itself, which has to stay below 2 GiB with its data.</param>
    /// <exception cref="InvalidDataException">A file is elsewhere, missing, or shorter than said.</exception>
    public void Inline(IEnumerable<TensorProto> tensors, long modelBytes)
    {
        var room = int.MaxValue - modelBytes;
        foreach (var tensor in tensors.Where(tensor => tensor.DataLocation == IsExternal || tensor.ExternalData.Count > 0))
        {
            tensor.RawData = Read(tensor, ref room);
            tensor.ExternalData.Clear();
            tensor.ClearDataLocation();
        }
    }

    private ByteString Read(TensorProto tensor, ref long room)
    {
        var location = Entry(tensor, "location") ?? throw Unexpected($"a location of the external data of {Short(tensor.Name)}", "none");
        using var file = File.OpenRead(Find(location));
        var offset = Number(tensor, "offset") ?? 0;
        var length = Number(tensor, "length") ?? file.Length - offset;
        if (offset < 0 || length < 0 || length > file.Length - offset)
            throw Unexpected($"{length} bytes of {Short(tensor.Name)} at {offset} in its external data '{Short(location)}'", $"{file.Length} bytes");
        if ((room -= length) < 0) throw Unexpected("an ONNX model of less than 2 GiB with its external data", "a larger one");
        var bytes = new byte[length];
        file.Position = offset;
        file.ReadExactly(bytes);
        return UnsafeByteOperations.UnsafeWrap(bytes);
    }

    private string Find(string location)
    {
        var path = Path.GetDirectoryName(Path.GetFullPath(modelPath))!;
        var steps = location.Split('/', '\\');
        if (location.Contains('\0') || steps.Any(step => step is "" or ".." || step.Contains(':'))) throw Outside(location);
        foreach (var step in steps)
        {
            path = Path.Combine(path, step);
            if (new FileInfo(path).LinkTarget is not null) throw Outside(location);
        }

        return File.Exists(path) ? path : throw Unexpected($"external data '{Short(location)}' beside the model", "no such file");
    }

    private static InvalidDataException Outside(string location) =>
        Unexpected("external data in files of the model's own folder", $"'{Short(location)}', which leads out of it or is a link");

    private static long? Number(TensorProto tensor, string key) =>
        Entry(tensor, key) is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw Unexpected($"a number as {key} of external data", $"'{Short(text)}'");

    private static string? Entry(TensorProto tensor, string key) => tensor.ExternalData.LastOrDefault(entry => entry.Key == key)?.Value;
}
