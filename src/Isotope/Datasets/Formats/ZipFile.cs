using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using static Isotope.Files.UntrustedFile;

namespace Isotope.Datasets.Formats;

/// <summary>A file in a zip archive.</summary>
/// <param name="Name">Its path in the archive.</param>
/// <param name="Flags">What is set of its general purpose flags.</param>
/// <param name="Method">How it is compressed.</param>
/// <param name="Crc">The checksum of its content.</param>
/// <param name="Packed">The number of its bytes in the archive.</param>
/// <param name="Length">The number of its bytes.</param>
/// <param name="Header">Where its local header begins.</param>
/// <param name="Data">Where its data begin.</param>
/// <param name="Record">Where its record in the directory begins.</param>
internal sealed record ZipMember(
    string Name,
    int Flags,
    int Method,
    uint Crc,
    long Packed,
    long Length,
    long Header,
    long Data,
    long Record
)
{
    /// <summary>Stored as it is.</summary>
    public const int Stored = 0;

    /// <summary>Compressed by Deflate.</summary>
    public const int Deflated = 8;

    /// <summary>Whether sizes and checksum follow the data.</summary>
    public bool HasDescriptor => (Flags & 8) != 0;
}

/// <summary>
/// The directory of a zip archive, read without trust. It is read here, and not by the base class library, because archives are written
/// again byte for byte, which needs the places of everything.
/// </summary>
/// <param name="Path">The file.</param>
/// <param name="Members">The files in it, in the order of the directory.</param>
/// <param name="Directory">Where the directory begins.</param>
/// <param name="End">Where it ends and the end records begin.</param>
internal sealed record ZipFile(string Path, IReadOnlyList<ZipMember> Members, long Directory, long End)
{
    /// <summary>The length of a local header without name and extra fields.</summary>
    public const int HeaderLength = 30;

    /// <summary>The length of a record of the directory without name and extra fields.</summary>
    public const int RecordLength = 46;

    private const int EndLength = 22;
    private const int LocatorLength = 20;
    private const int MaxComment = ushort.MaxValue;
    private const int LargestDirectory = 256 << 20;
    private const int Encrypted = 1;
    private const int Utf8Name = 1 << 11;
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);
    private static readonly Encoding Dos = CodePagesEncodingProvider.Instance.GetEncoding(437)!;

    /// <summary>Reads the directory of a file.</summary>
    /// <exception cref="Isotope.IsotopeException">It is damaged, encrypted, or compressed in another way.</exception>
    public static ZipFile Open(string path) =>
        Read(
            path,
            stream =>
            {
                var (start, end) = FindDirectory(stream);
                var directory = At(stream, start, checked((int)(end - start)));
                var members = new List<ZipMember>();
                for (var at = 0; at < directory.Length; )
                {
                    var (member, length) = ReadRecord(stream, directory.AsSpan(at), start + at);
                    at += length;
                    members.Add(member);
                }

                RequireApart(members, start);
                return new ZipFile(path, members, start, end);
            }
        );

    /// <summary>The content of a member.</summary>
    /// <exception cref="Isotope.IsotopeException">It is damaged.</exception>
    public byte[] Content(ZipMember member) =>
        Read(
            Path,
            stream =>
            {
                var packed = At(stream, member.Data, checked((int)member.Packed));
                var bytes = member.Method == ZipMember.Stored ? packed : Inflate(packed, member.Length);
                return bytes.Length == member.Length && Crc32.HashToUInt32(bytes) == member.Crc
                    ? bytes
                    : throw Unexpected(
                        $"{member.Length} bytes of the right checksum in {Isotope.Files.Printable.Start(member.Name)}",
                        "others"
                    );
            }
        );

    /// <summary>Inflates to a known length. The buffer grows with what is there, not with what is claimed.</summary>
    private static byte[] Inflate(byte[] packed, long length)
    {
        using var inflater = new DeflateStream(new MemoryStream(packed), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        var buffer = new byte[1 << 16];
        for (var read = inflater.Read(buffer); read > 0 && bytes.Length <= length; read = inflater.Read(buffer))
            bytes.Write(buffer, 0, read);
        return bytes.ToArray();
    }

    /// <summary>Where the directory begins and ends, as the records at the end of the file say.</summary>
    private static (long Start, long End) FindDirectory(FileStream stream)
    {
        var tailStart = Math.Max(0, stream.Length - EndLength - MaxComment - LocatorLength);
        var tail = At(stream, tailStart, (int)(stream.Length - tailStart));
        for (var at = tail.Length - EndLength; at >= 0; at--)
        {
            var end = tail.AsSpan(at);
            if (!end.StartsWith("PK\u0005\u0006"u8) || BinaryPrimitives.ReadUInt16LittleEndian(end[20..]) != end.Length - EndLength)
                continue;
            long size = BinaryPrimitives.ReadUInt32LittleEndian(end[12..]);
            long start = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
            var limit = tailStart + at;
            if (at >= LocatorLength && tail.AsSpan(at - LocatorLength).StartsWith("PK\u0006\u0007"u8))
            {
                limit = BinaryPrimitives.ReadInt64LittleEndian(tail.AsSpan(at - LocatorLength + 8));
                var record = At(stream, limit, 56);
                if (!record.AsSpan().StartsWith("PK\u0006\u0006"u8))
                    throw Unexpected("a zip archive with a directory", "none where it should be");
                (size, start) = (
                    BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(40)),
                    BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(48))
                );
            }

            if (size < 0 || start < 0 || size > LargestDirectory || start + size > limit)
                throw Unexpected($"a directory inside the archive and of at most {LargestDirectory >> 20} MiB", $"{size} bytes at {start}");
            return (start, start + size);
        }

        throw Unexpected("a whole zip archive", "no end of its directory: it is truncated, or damaged");
    }

    private static (ZipMember Member, int Length) ReadRecord(FileStream stream, ReadOnlySpan<byte> directory, long position)
    {
        if (directory.Length < RecordLength || !directory.StartsWith("PK\u0001\u0002"u8))
            throw Unexpected("a record of a file in the directory of the zip archive", "something else");
        var (nameLength, extraLength) = (UInt16(directory, 28), UInt16(directory, 30));
        var length = RecordLength + nameLength + extraLength + UInt16(directory, 32);
        if (length > directory.Length)
            throw Unexpected("whole records in the directory of the zip archive", "a truncated one");
        var flags = UInt16(directory, 8);
        var name = NameOf(directory.Slice(RecordLength, nameLength), flags);
        var extra = directory.Slice(RecordLength + nameLength, extraLength);
        var large = ZipSizes.Large(extra);
        var size = ZipSizes.Take(UInt32(directory, 24), ref large);
        var packed = ZipSizes.Take(UInt32(directory, 20), ref large);
        var header = ZipSizes.Take(UInt32(directory, 42), ref large);
        var method = UInt16(directory, 10);
        if ((flags & Encrypted) != 0)
            throw Unexpected("no encryption in the zip archive", "some; unpack it first");
        if (method is not (ZipMember.Stored or ZipMember.Deflated))
            throw Unexpected("files stored or deflated in the zip archive", $"method {method}; zip it again");
        var local = At(stream, header, HeaderLength);
        if (!local.AsSpan().StartsWith("PK\u0003\u0004"u8))
            throw Unexpected("a header of each file in the zip archive", "something else");
        var data = header + HeaderLength + UInt16(local, 26) + UInt16(local, 28);
        if (size < 0 || packed < 0 || packed > stream.Length - data || (method == ZipMember.Stored && packed != size))
            throw Unexpected("files inside the zip archive", $"{packed} bytes at {data}");
        return (new ZipMember(name, flags, method, UInt32(directory, 16), packed, size, header, data, position), length);
    }

    /// <summary>Refuses files that share bytes, of which a small archive could have any number.</summary>
    private static void RequireApart(List<ZipMember> members, long directory)
    {
        var end = 0L;
        foreach (var member in members.OrderBy(member => member.Header))
        {
            if (member.Header < end || member.Data + member.Packed > directory)
                throw Unexpected("files one after the other in the zip archive", "files that overlap");
            end = member.Data + member.Packed;
        }
    }

    /// <summary>A name as its flag says; without it, UTF-8 if it can be, else DOS's code page, as the format has it.</summary>
    private static string NameOf(ReadOnlySpan<byte> bytes, int flags)
    {
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException) when ((flags & Utf8Name) == 0)
        {
            return Dos.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Unexpected("names in UTF-8 in the zip archive", "other bytes");
        }
    }

    private static byte[] At(FileStream stream, long position, int length)
    {
        if (position < 0 || position > stream.Length - length)
            throw new EndOfStreamException();
        stream.Position = position;
        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static int UInt16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint UInt32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
}
