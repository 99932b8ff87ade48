using System.IO.Compression;
using Isotope.Files;

namespace Isotope.Datasets.Formats;

/// <summary>The bytes of a file, read piece by piece. A file compressed by gzip is unpacked into memory.</summary>
internal sealed class StoredBytes
{
    private const int MaxUnpacked = 1 << 30; // EMNIST, the largest of its family, takes 640 MB
    private readonly byte[]? unpacked;
    private readonly long start;

    /// <exception cref="IsotopeException">The file can't be read, or is too large to unpack.</exception>
    public StoredBytes(string path)
    {
        Path = path;
        (unpacked, Length) = UntrustedFile.Read(
            path,
            file =>
            {
                var bytes = IsGzip(file) ? Unpack(file) : null;
                return (bytes, bytes?.Length ?? file.Length);
            }
        );
    }

    /// <summary>A part of a file that is stored as it is.</summary>
    public StoredBytes(string path, long start, long length) => (Path, this.start, Length) = (path, start, length);

    /// <summary>Bytes that were unpacked from a file.</summary>
    public StoredBytes(string path, byte[] bytes) => (Path, unpacked, Length) = (path, bytes, bytes.Length);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The name of the file in an archive that has these bytes; null for a whole file.</summary>
    public string? Member { get; init; }

    /// <summary>The number of bytes after unpacking.</summary>
    public long Length { get; }

    /// <summary>Reads some of the bytes.</summary>
    /// <exception cref="IsotopeException">The file can't be read, or has become shorter.</exception>
    public byte[] Read(long offset, int length) =>
        unpacked?.AsSpan((int)offset, length).ToArray()
        ?? UntrustedFile.Read(
            Path,
            file =>
            {
                file.Position = start + offset;
                if (length > file.Length - file.Position)
                    throw new EndOfStreamException();
                var bytes = new byte[length];
                file.ReadExactly(bytes);
                return bytes;
            }
        );

    /// <summary>Opens a whole file, or its unpacked bytes, as a stream.</summary>
    /// <exception cref="IsotopeException">The file can't be read.</exception>
    public Stream Open() =>
        unpacked is null
            ? UntrustedFile.Guard(Path, () => new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16))
            : new MemoryStream(unpacked, writable: false);

    /// <summary>Hands on a stream that writes a file like this one: compressed if it is.</summary>
    public void Pack(Stream output, Action<Stream> write)
    {
        if (unpacked is null)
        {
            write(output);
            return;
        }

        using var packed = new GZipStream(output, CompressionLevel.Optimal, leaveOpen: true);
        write(packed);
    }

    /// <summary>Copies the whole file with some pieces replaced. A compressed file is compressed again.</summary>
    /// <param name="pieces">Offsets and new bytes, in the order of the offsets.</param>
    /// <param name="output">The stream to write.</param>
    public void CopyTo(IEnumerable<(long Offset, byte[] Bytes)> pieces, Stream output) =>
        Pack(
            output,
            target =>
            {
                using var source = Open();
                foreach (var (offset, bytes) in pieces)
                {
                    Copy(source, target, start + offset - source.Position);
                    target.Write(bytes);
                    source.Position = start + offset + bytes.Length;
                }

                source.CopyTo(target);
            }
        );

    /// <summary>Copies a number of bytes from one stream to another.</summary>
    public static void Copy(Stream source, Stream target, long count)
    {
        var buffer = new byte[1 << 16];
        while (count > 0)
        {
            var piece = buffer.AsSpan(0, (int)Math.Min(buffer.Length, count));
            source.ReadExactly(piece);
            target.Write(piece);
            count -= piece.Length;
        }
    }

    /// <summary>Whether a file begins as gzip does.</summary>
    public static bool IsGzip(ReadOnlySpan<byte> start) => start.StartsWith<byte>([0x1f, 0x8b]);

    private static bool IsGzip(Stream file)
    {
        var isGzip = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
        file.Position = 0;
        return isGzip;
    }

    private static byte[] Unpack(Stream file)
    {
        using var gzip = new GZipStream(file, CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        var buffer = new byte[1 << 16];
        for (var read = gzip.Read(buffer); read > 0; read = gzip.Read(buffer))
        {
            if (bytes.Length + read > MaxUnpacked)
                throw new InvalidDataException($"expected at most {MaxUnpacked >> 20} MiB in a gzip file, found more; unpack it first");
            bytes.Write(buffer, 0, read);
        }

        return bytes.ToArray();
    }
}
