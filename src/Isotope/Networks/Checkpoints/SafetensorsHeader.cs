using System.Buffers.Binary;
using System.Text.Json;
using Isotope.Files;
using static Isotope.Files.UntrustedFile;

namespace Isotope.Networks.Checkpoints;

/// <summary>A tensor of a safetensors file: its bytes are from <c>Begin</c> to before <c>End</c> of the data.</summary>
internal sealed record SafetensorsEntry(string Name, ElementType Element, long[] Shape, long Begin, long End);

/// <summary>The checked header of a safetensors file.</summary>
/// <param name="Tensors">In the header's order.</param>
/// <param name="Metadata">The texts of <c>__metadata__</c>.</param>
/// <param name="DataStart">Where the data begin in the file.</param>
internal sealed record SafetensorsHeader(
    IReadOnlyList<SafetensorsEntry> Tensors,
    IReadOnlyDictionary<string, string> Metadata,
    long DataStart
)
{
    /// <summary>The format's own limit.</summary>
    private const long MaxBytes = 100_000_000;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 4, AllowDuplicateProperties = false };

    /// <summary>Reads the header at the beginning of a file and checks that it accounts for every byte behind it.</summary>
    /// <exception cref="InvalidDataException">It does not, or is malformed.</exception>
    public static SafetensorsHeader Read(FileStream stream)
    {
        byte[] length = new byte[sizeof(ulong)];
        stream.ReadExactly(length);
        ulong size = BinaryPrimitives.ReadUInt64LittleEndian(length);
        if (size > (ulong)Math.Min(MaxBytes, stream.Length - stream.Position))
            throw Unexpected($"a header of at most {MaxBytes} bytes and inside the file", size);
        byte[] json = new byte[size];
        stream.ReadExactly(json);
        SafetensorsHeader header = Parse(json) with { DataStart = stream.Position };
        CheckPlaces(header.Tensors, stream.Length - stream.Position);
        return header;
    }

    private static SafetensorsHeader Parse(byte[] json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, Strict);
            List<SafetensorsEntry> tensors = [];
            Dictionary<string, string> metadata = [];
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
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
        string name = Printable.Start(tensor.Name);
        JsonElement shape = tensor.Value.GetProperty("shape"),
            places = tensor.Value.GetProperty("data_offsets");
        if (shape.GetArrayLength() > ElementType.MaxDimensions || places.GetArrayLength() != 2)
            throw Unexpected(
                $"a shape and two offsets of '{name}'",
                $"{shape.GetArrayLength()} dimensions and {places.GetArrayLength()} offsets"
            );
        ElementType element = ElementType.OfSafetensors(tensor.Value.GetProperty("dtype").GetString() ?? "");
        long[] sizes = [.. shape.EnumerateArray().Select(size => size.GetInt64())];
        SafetensorsEntry entry = new(tensor.Name, element, sizes, places[0].GetInt64(), places[1].GetInt64());
        long bytes = checked(ElementType.Count(entry.Shape) * element.Bytes);
        return entry.Begin >= 0 && entry.End >= entry.Begin && entry.End - entry.Begin == bytes
            ? entry
            : throw Unexpected($"{bytes} bytes of '{name}'", $"offsets {entry.Begin} to {entry.End}");
    }

    private static void CheckPlaces(IReadOnlyList<SafetensorsEntry> tensors, long dataBytes)
    {
        long end = 0;
        foreach (SafetensorsEntry entry in tensors.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
            end =
                entry.Begin == end
                    ? entry.End
                    : throw Unexpected($"'{Printable.Start(entry.Name)}' at offset {end} without hole or overlap", entry.Begin);
        if (end != dataBytes)
            throw Unexpected($"{end} bytes of tensors", dataBytes);
    }
}
