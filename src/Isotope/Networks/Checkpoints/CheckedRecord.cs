using System.IO.Compression;
using System.IO.Hashing;
using Isotope.Files;
using static Isotope.Files.UntrustedFile;

namespace Isotope.Networks.Checkpoints;

/// <summary>
/// A record of a zip archive that checks its checksum, which the base class library does not. The check comes with the last byte: whoever
/// has read all bytes knows that they are undamaged.
/// </summary>
internal sealed class CheckedRecord(ZipArchiveEntry record) : Stream
{
    private readonly Stream bytes = record.Open();
    private readonly Crc32 sum = new();
    private long left = record.Length;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => record.Length;

    /// <inheritdoc/>
    public override long Position
    {
        get => Length - left;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">These are the last bytes, and the checksum is wrong.</exception>
    /// <exception cref="EndOfStreamException">There are fewer bytes than the archive says.</exception>
    public override int Read(Span<byte> buffer)
    {
        var count = bytes.Read(buffer);
        if (count == 0 && left > 0 && !buffer.IsEmpty)
            throw new EndOfStreamException(); // libtorch would read past the end
        sum.Append(buffer[..count]);
        left -= count;
        if (count > 0 && left <= 0 && sum.GetCurrentHashAsUInt32() != record.Crc32)
            throw Unexpected($"the stored checksum of {Printable.Start(record.FullName)}", "another: the archive is damaged");
        return count;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush() { }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        bytes.Dispose();
        base.Dispose(disposing);
    }
}
