using System.Buffers.Binary;
using System.Formats.Tar;
using System.Text;
using Isotope.Files;

namespace Isotope.Datasets.Formats;

/// <summary>An entry of a tar archive.</summary>
/// <param name="Entry">The entry as read; its data are at <see cref="TarEntry.DataOffset"/>.</param>
/// <param name="Name">Its name, whose bytes may be UTF-8 or Latin-1.</param>
/// <param name="Start">Where its headers begin.</param>
/// <param name="End">Where its data end and the next headers begin.</param>
internal sealed record TarPart(TarEntry Entry, string Name, long Start, long End)
{
    /// <summary>Whether it is a file.</summary>
    public bool IsFile => Entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile;

    /// <summary>Whether it is an archive itself, as ImageNet's classes are.</summary>
    public bool IsArchive => IsFile && Name.EndsWith(".tar", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Reads the entries of untrusted tar archives.</summary>
internal static class TarArchive
{
    /// <summary>The size of blocks.</summary>
    public const int Block = 512;

    /// <summary>Where the size stands in a header.</summary>
    public const int SizeStart = 124;

    /// <summary>The length of the size in a header.</summary>
    public const int SizeLength = 12;

    private const int MaxMetadata = 1 << 20;
    private const int KindStart = 156;
    private const int NameLength = 100;
    private const int PrefixStart = 345;
    private const int PrefixLength = 155;
    private static readonly Encoding Latin = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    /// <summary>The entries of an archive, or of the part of one that is an archive itself.</summary>
    /// <param name="bytes">The archive.</param>
    /// <param name="start">Where the part begins.</param>
    /// <param name="end">Where it ends.</param>
    /// <exception cref="IsotopeException">The archive is damaged.</exception>
    public static IEnumerable<TarPart> Parts(StoredBytes bytes, long start, long end)
    {
        using var stream = bytes.Open();
        stream.Position = start;
        using var reader = new TarReader(stream);
        while (Next() is { } part)
            yield return part;

        TarPart? Next()
        {
            try
            {
                start = stream.Position;
                RequireSmallMetadata(stream);
                if (reader.GetNextEntry() is not { } entry)
                    return null;
                if (entry.Length > end - Math.Max(0, entry.DataOffset) || stream.Position > end)
                    throw new InvalidDataException($"{entry.Length} bytes at {entry.DataOffset}, where the archive ends at {end}");
                var name = entry.Name.Contains('\ufffd') ? RawName(bytes, start, entry) : entry.Name;
                return new TarPart(entry, name, start, stream.Position);
            }
            catch (Exception e) when (e is not (OutOfMemoryException or IsotopeException))
            {
                throw new IsotopeException($"{bytes.Path}: expected a whole tar archive, found: {Printable.Start(e.Message, 200)}", e);
            }
        }
    }

    /// <summary>A name that is not in UTF-8: after PAX's "path=", in a GNU header of a long name, or in the last header.</summary>
    private static string RawName(StoredBytes bytes, long start, TarEntry entry)
    {
        var headers = bytes.Read(start, (int)(entry.DataOffset - start));
        for (var at = 0; at + Block < headers.Length; )
        {
            var size = (int)ClaimedSize(headers.AsSpan(at + SizeStart, SizeLength));
            var data = headers.AsSpan(at + Block, Math.Min(size, headers.Length - at - Block));
            if (headers[at + KindStart] == 'L')
                return Text(data);
            if (headers[at + KindStart] == 'x' && data.IndexOf(" path="u8) is >= 0 and var path)
                return Text(data[(path + " path="u8.Length)..]);
            at += Block + (size + Block - 1) / Block * Block;
        }

        var last = headers.AsSpan(headers.Length - Block);
        var prefix = Text(last.Slice(PrefixStart, PrefixLength));
        return prefix.Length > 0 && entry is UstarTarEntry ? $"{prefix}/{Text(last[..NameLength])}" : Text(last[..NameLength]);
    }

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOfAny((byte)0, (byte)'\n');
        return Latin.GetString(end >= 0 ? bytes[..end] : bytes);
    }

    /// <summary>
    /// Refuses large names and attributes before the next entry: TarReader allocates as much memory for them as their headers claim.
    /// </summary>
    /// <exception cref="InvalidDataException">They claim more than a megabyte.</exception>
    private static void RequireSmallMetadata(Stream archive)
    {
        var start = archive.Position;
        Span<byte> header = stackalloc byte[Block];
        while (archive.ReadAtLeast(header, Block, throwOnEndOfStream: false) == Block && "xgLK".Contains((char)header[KindStart]))
        {
            var size = ClaimedSize(header.Slice(SizeStart, SizeLength));
            if (size is < 0 or > MaxMetadata)
                throw new InvalidDataException(
                    $"names and attributes of an entry that claim {size} bytes, at {archive.Position - Block}; at most {MaxMetadata} "
                        + "are read"
                );
            archive.Position += (size + Block - 1) / Block * Block;
        }

        archive.Position = start;
    }

    /// <summary>The size in a header: octal digits or, if the highest bit of the first byte is set, a binary number.</summary>
    private static long ClaimedSize(ReadOnlySpan<byte> field)
    {
        if (field[0] >= 0x80)
            return BinaryPrimitives.ReadInt64BigEndian(field[^sizeof(long)..]);
        var size = 0L;
        foreach (var digit in field)
            if (digit is >= (byte)'0' and <= (byte)'7')
                size = 8 * size + digit - '0';
        return size;
    }
}
