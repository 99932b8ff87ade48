using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace Isotope.Datasets.Formats;

/// <summary>
/// Writes a zip archive again with some files replaced. Others stay byte for byte and in their order; headers change by sizes,
/// checksums and places.
/// </summary>
internal static class ZipWriting
{
    private const int FullDescriptor = 16; // signature, checksum, two sizes; with sizes of 64 bits, 24

    /// <summary>Writes the archive.</summary>
    /// <param name="zip">The old archive.</param>
    /// <param name="replacements">New contents, and extensions for names that change.</param>
    /// <param name="output">The stream to write.</param>
    public static void Write(
        ZipFile zip,
        IReadOnlyDictionary<ZipMember, (Func<byte[]> Read, string? Extension)> replacements,
        Stream output
    )
    {
        using var source = File.OpenRead(zip.Path);
        var counted = new PositionedStream(output);
        ZipMember[] inOrder = [.. zip.Members.OrderBy(member => member.Header)];
        var written = new Dictionary<ZipMember, Written>();
        foreach (var (i, member) in inOrder.Index())
        {
            var end = i + 1 < inOrder.Length ? inOrder[i + 1].Header : zip.Directory;
            StoredBytes.Copy(source, counted, member.Header - source.Position);
            var place = counted.Position;
            if (replacements.TryGetValue(member, out var replacement))
                written[member] = WriteMember(source, member, replacement.Read(), replacement.Extension, end, counted) with
                {
                    Place = place,
                };
            else
            {
                StoredBytes.Copy(source, counted, end - source.Position);
                written[member] = new Written(place, member.Packed, member.Length, member.Crc, null);
            }
        }

        var directory = counted.Position;
        foreach (var member in zip.Members)
            WriteRecord(source, zip, member, written[member], counted);
        WriteEnd(source, zip, directory, counted);
    }

    private sealed record Written(long Place, long Packed, long Length, uint Crc, string? Extension);

    private static Written WriteMember(FileStream source, ZipMember member, byte[] content, string? extension, long end, Stream output)
    {
        var packed = member.Method == ZipMember.Stored ? content : Deflate(content);
        var written = new Written(0, packed.Length, content.Length, Crc32.HashToUInt32(content), extension);
        var header = Next(source, ZipFile.HeaderLength);
        var name = Renamed(Next(source, UInt16(header, 26)), extension);
        var extra = Next(source, UInt16(header, 28));
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(26), (ushort)name.Length);
        if (!member.HasDescriptor || UInt32(header, 18) != 0 || UInt32(header, 22) != 0)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(14), written.Crc);
            ZipSizes.Put(header, extra, (22, written.Length), (18, written.Packed));
        }

        output.Write([.. header, .. name, .. extra]);
        output.Write(packed);
        source.Position += member.Packed;
        var tail = Next(source, (int)(end - source.Position));
        if (member.HasDescriptor)
            PutDescriptor(tail, written);
        output.Write(tail);
        return written;
    }

    /// <summary>Puts checksum and sizes after the data, in the form that was there.</summary>
    private static void PutDescriptor(Span<byte> tail, Written written)
    {
        var hasSignature = tail.StartsWith("PK\u0007\u0008"u8);
        var numbers = tail[(hasSignature ? 4 : 0)..];
        var isLarge = tail.Length >= FullDescriptor + 8 - (hasSignature ? 0 : 4);
        if (numbers.Length < (isLarge ? 20 : 12))
            return;
        BinaryPrimitives.WriteUInt32LittleEndian(numbers, written.Crc);
        if (isLarge)
        {
            BinaryPrimitives.WriteInt64LittleEndian(numbers[4..], written.Packed);
            BinaryPrimitives.WriteInt64LittleEndian(numbers[12..], written.Length);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(numbers[4..], (uint)written.Packed);
            BinaryPrimitives.WriteUInt32LittleEndian(numbers[8..], (uint)written.Length);
        }
    }

    private static void WriteRecord(FileStream source, ZipFile zip, ZipMember member, Written written, Stream output)
    {
        source.Position = member.Record;
        var record = Next(source, ZipFile.RecordLength);
        var name = Renamed(Next(source, UInt16(record, 28)), written.Extension);
        var extra = Next(source, UInt16(record, 30));
        var comment = Next(source, UInt16(record, 32));
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(28), (ushort)name.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(16), written.Crc);
        if (written.Place > uint.MaxValue && UInt32(record, 42) != uint.MaxValue)
            throw new IsotopeException(
                $"{zip.Path}: expected a zip archive that stays below 4 GiB, found one that grows beyond; use --as-folder"
            );
        ZipSizes.Put(record, extra, (24, written.Length), (20, written.Packed), (42, written.Place));
        output.Write([.. record, .. name, .. extra, .. comment]);
    }

    /// <summary>Writes the records after the directory, with its new place and length.</summary>
    private static void WriteEnd(FileStream source, ZipFile zip, long directory, PositionedStream output)
    {
        var (place, length) = (output.Position, output.Position - directory);
        source.Position = zip.End;
        var tail = Next(source, (int)(source.Length - zip.End));
        var large = tail.AsSpan().IndexOf("PK\u0006\u0006"u8);
        if (large >= 0)
        {
            BinaryPrimitives.WriteInt64LittleEndian(tail.AsSpan(large + 40), length);
            BinaryPrimitives.WriteInt64LittleEndian(tail.AsSpan(large + 48), directory);
            if (tail.AsSpan().IndexOf("PK\u0006\u0007"u8) is >= 0 and var locator)
                BinaryPrimitives.WriteInt64LittleEndian(tail.AsSpan(locator + 8), place + large);
        }

        var end = tail.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        foreach (var (at, number) in new[] { (12, length), (16, directory) })
            if (UInt32(tail, end + at) != uint.MaxValue)
                BinaryPrimitives.WriteUInt32LittleEndian(tail.AsSpan(end + at), checked((uint)number));
        output.Write(tail);
    }

    private static byte[] Renamed(byte[] name, string? extension)
    {
        if (extension is null)
            return name;
        var dot = name.AsSpan().LastIndexOf((byte)'.');
        return [.. name.AsSpan(0, dot > name.AsSpan().LastIndexOf((byte)'/') ? dot : name.Length), .. Encoding.ASCII.GetBytes(extension)];
    }

    private static byte[] Deflate(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var deflater = new DeflateStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            deflater.Write(content);
        return packed.ToArray();
    }

    private static byte[] Next(FileStream source, int length)
    {
        var bytes = new byte[length];
        source.ReadExactly(bytes);
        return bytes;
    }

    private static int UInt16(byte[] bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));

    private static uint UInt32(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));
}
