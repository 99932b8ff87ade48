using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Isotope.Pickles;

namespace Isotope.Tests.Networks.Checkpoints;

/// <summary>Handmade files that PyTorch would not write.</summary>
internal static class HostileFiles
{
    private const int EmptyKeys = 4; // bytes of a pickled empty list

    /// <summary>Joins instructions (<see cref="Opcode"/>) and their operands (texts as ASCII, byte arrays).</summary>
    public static byte[] Pickle(params object[] parts) => [0x80, 2, .. parts.SelectMany(Bytes), (byte)Opcode.Stop];

    public static byte[] Text(string text) => [(byte)Opcode.Unicode, .. UInt32((uint)text.Length), .. Encoding.ASCII.GetBytes(text)];

    public static byte[] Global(string module, string name) => [(byte)Opcode.Global, .. Encoding.ASCII.GetBytes($"{module}\n{name}\n")];

    public static byte[] UInt32(uint value)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    public static byte[] UInt64(ulong value)
    {
        byte[] bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }

    /// <summary>The instructions of an integer.</summary>
    public static byte[] Integer(long value) => [(byte)Opcode.Long1, 8, .. UInt64((ulong)value)];

    /// <summary>A state dict of one tensor, a view of a storage with <paramref name="count"/> elements.</summary>
    public static byte[] StateDict(
        long count,
        long offset,
        long[] size,
        long[] stride,
        string storage = "FloatStorage",
        string name = "w"
    ) =>
        Pickle(
            Opcode.EmptyDict,
            Text(name),
            Global("torch._utils", "_rebuild_tensor_v2"),
            Opcode.Mark,
            Opcode.Mark,
            Text("storage"),
            Global("torch", storage),
            Text("0"),
            Text("cpu"),
            Integer(count),
            Opcode.Tuple,
            Opcode.PersistentId,
            Integer(offset),
            Tuple(size),
            Tuple(stride),
            Opcode.False,
            Opcode.EmptyDict,
            Opcode.Tuple,
            Opcode.Reduce,
            Opcode.SetItem
        );

    /// <summary>The instructions of a pickle without its beginning and end, for use in another pickle.</summary>
    public static byte[] Inner(byte[] pickle) => pickle[2..^1];

    public static byte[] Tuple(long[] values) => [(byte)Opcode.Mark, .. values.SelectMany(Integer), (byte)Opcode.Tuple];

    public static byte[] Zip(byte[] pickle, params (string Name, byte[] Bytes)[] records) =>
        Archive(CompressionLevel.NoCompression, [("data.pkl", pickle), ("version", "3\n"u8.ToArray()), .. records]);

    public static byte[] Archive(CompressionLevel level, params (string Name, byte[] Bytes)[] records)
    {
        using MemoryStream stream = new();
        using (ZipArchive zip = new(stream, ZipArchiveMode.Create))
            foreach ((string name, byte[] bytes) in records)
                using (Stream record = zip.CreateEntry("x/" + name, level).Open())
                    record.Write(bytes);
        return stream.ToArray();
    }

    /// <summary>The legacy format around a pickle, without storages.</summary>
    public static byte[] Legacy(byte[] pickle) =>
        [
            .. Pickle(Opcode.Long1, new byte[] { 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19 }),
            .. Pickle(Opcode.Int2, new byte[] { 0xe9, 3 }),
            .. Pickle(Opcode.EmptyDict, Text("little_endian"), Opcode.True, Opcode.SetItem),
            .. pickle,
            .. Pickle(Opcode.EmptyList),
        ];

    /// <summary>The legacy format of one tensor "w" of bytes; the caller appends the bytes.</summary>
    public static byte[] LegacyOf(long count) =>
        [
            .. Legacy(StateDict(count, 0, [count], [1], "ByteStorage"))[..^EmptyKeys],
            .. Pickle(Opcode.EmptyList, Text("0"), Opcode.Append),
            .. UInt64((ulong)count),
        ];

    public static byte[] Safetensors(string header, int dataBytes) =>
        [.. UInt64((ulong)Encoding.UTF8.GetByteCount(header)), .. Encoding.UTF8.GetBytes(header), .. new byte[dataBytes]];

    private static IEnumerable<byte> Bytes(object part) =>
        part switch
        {
            Opcode op => [(byte)op],
            string text => Encoding.ASCII.GetBytes(text),
            byte[] bytes => bytes,
            _ => throw new ArgumentException($"{part}"),
        };
}
