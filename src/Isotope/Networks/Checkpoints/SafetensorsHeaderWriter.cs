using System.Buffers.Binary;
using System.Text.Json;
using static TorchSharp.torch;

namespace Isotope.Networks.Checkpoints;

/// <summary>Writes the header of a safetensors file.</summary>
internal static class SafetensorsHeaderWriter
{
    /// <summary>The bytes before the data: the length, and JSON padded with spaces to a multiple of 8 bytes.</summary>
    /// <exception cref="IsotopeException">A name is used twice, or a type can't be written.</exception>
    public static byte[] Format(IReadOnlyList<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        TensorNames.Check(tensors);
        using MemoryStream stream = new();
        stream.Write(stackalloc byte[sizeof(ulong)]);
        using (Utf8JsonWriter json = new(stream))
            WriteJson(json, tensors, metadata);
        while (stream.Length % 8 != 0)
            stream.WriteByte((byte)' ');
        var header = stream.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)header.Length - sizeof(ulong));
        return header;
    }

    private static void WriteJson(
        Utf8JsonWriter json,
        IEnumerable<KeyValuePair<string, Tensor>> tensors,
        IReadOnlyDictionary<string, string>? metadata
    )
    {
        json.WriteStartObject();
        if (metadata is { Count: > 0 })
            WriteMetadata(json, metadata);
        var offset = 0L;
        foreach (var (name, tensor) in tensors)
            offset = WriteTensor(json, name, tensor, offset);
        json.WriteEndObject();
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata)
    {
        json.WriteStartObject(TensorNames.Reserved);
        foreach (var (key, value) in metadata.OrderBy(text => text.Key, StringComparer.Ordinal))
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static long WriteTensor(Utf8JsonWriter json, string name, Tensor tensor, long begin)
    {
        var element = ElementType.Of(name, tensor);
        var end = begin + tensor.NumberOfElements * element.Bytes;
        json.WriteStartObject(name);
        json.WriteString("dtype", element.Safetensors);
        WriteNumbers(json, "shape", tensor.shape);
        WriteNumbers(json, "data_offsets", [begin, end]);
        json.WriteEndObject();
        return end;
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, ReadOnlySpan<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
