using System.Buffers.Binary;
using System.Text.Json;
using Isotope.Files;
using static Isotope.Files.UntrustedFile;

namespace Isotope.Networks.Checkpoints;

/// <summary>A tensor of a safetensors file: bytes <c>Begin</c> to <c>End</c> (exclusive) of the data.</summary>
internal sealed record SafetensorsEntry(string Name, ElementType Element, long[] Shape, long Begin, long End);

/// <summary>The checked header of a safetensors file.</summary>
/// <param name="Tensors">The tensors, in the header's order.</param>
/// <param name="Metadata">The texts in <c>__metadata__</c>.</param>
/// <param name="DataStart">Position of the data in the file.</param>
internal sealed record SafetensorsHeader(
    IReadOnlyList<SafetensorsEntry> Tensors,
    IReadOnlyDictionary<string, string> Metadata,
    long DataStart
)
{
    /// <summary>The limit that the format sets.</summary>
    private const long MaxBytes = 100_000_000;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 4, AllowDuplicateProperties = false };

    /// <summary>Reads the header at the beginning of a file and checks that its tensors cover every byte after it.</summary>
    /// <exception cref="InvalidDataException">The header is malformed, or its tensors leave or share bytes.</exception>
    public static SafetensorsHeader Read(FileStream stream)
    {
        var length = new byte[sizeof(ulong)];
        stream.ReadExactly(length);
        var size = BinaryPrimitives.ReadUInt64LittleEndian(length);
        if (size > (ulong)Math.Min(MaxBytes, stream.Length - stream.Position))
            throw Unexpected($"a header of at most {MaxBytes} bytes and inside the file", size);
        var json = new byte[size];
        stream.ReadExactly(json);
        var header = Parse(json) with { DataStart = stream.Position };
        CheckPlaces(header.Tensors, stream.Length - stream.Position);
        return header;
    }

    private static SafetensorsHeader Parse(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            List<SafetensorsEntry> tensors = [];
            Dictionary<string, string> metadata = [];
            foreach (var property in document.RootElement.EnumerateObject())
                if (property.NameEquals(TensorNames.Reserved))
                    metadata = property.Value.EnumerateObject().ToDictionary(text => text.Name, text => text.Value.GetString() ?? "");
                else
                    tensors.Add(Entry(property));
            return new SafetensorsHeader(tensors, metadata, 0);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new InvalidDataException($"expected a safetensors header, found an error in it: {e.Message}", e);
        }
    }

    private static SafetensorsEntry Entry(JsonProperty tensor)
    {
        var name = Printable.Start(tensor.Name);
        var shape = tensor.Value.GetProperty("shape");
        var places = tensor.Value.GetProperty("data_offsets");
        if (shape.GetArrayLength() > ElementType.MaxDimensions || places.GetArrayLength() != 2)
            throw Unexpected(
                $"a shape and two offsets of '{name}'",
                $"{shape.GetArrayLength()} dimensions and {places.GetArrayLength()} offsets"
            );
        var element = ElementType.OfSafetensors(tensor.Value.GetProperty("dtype").GetString() ?? "");
        long[] sizes = [.. shape.EnumerateArray().Select(size => size.GetInt64())];
        var begin = places[0].GetInt64();
        var end = places[1].GetInt64();
        var bytes = checked(ElementType.Count(sizes) * element.Bytes);
        if (begin < 0 || end < begin || end - begin != bytes)
            throw Unexpected($"{bytes} bytes of '{name}'", $"offsets {begin} to {end}");
        return new SafetensorsEntry(tensor.Name, element, sizes, begin, end);
    }

    private static void CheckPlaces(IReadOnlyList<SafetensorsEntry> tensors, long dataBytes)
    {
        var end = 0L;
        foreach (var entry in tensors.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
        {
            if (entry.Begin != end)
                throw Unexpected($"'{Printable.Start(entry.Name)}' at offset {end} without hole or overlap", entry.Begin);
            end = entry.End;
        }

        if (end != dataBytes)
            throw Unexpected($"{end} bytes of tensors", dataBytes);
    }
}
