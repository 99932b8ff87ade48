using System.Formats.Tar;

namespace Isotope.Datasets.Formats;

/// <summary>Writes a tar archive again with some images replaced. Headers and all other members stay the same.</summary>
/// <param name="bytes">The archive.</param>
/// <param name="replacements">The images, by the position of the data that they replace.</param>
internal sealed class TarWriting(StoredBytes bytes, IReadOnlyDictionary<long, Replacement> replacements)
{
    private const int ChecksumStart = 148;
    private const int ChecksumLength = 8;

    /// <summary>Writes the archive.</summary>
    public void Write(Stream output)
    {
        using var source = bytes.Open();
        Write(source, 0, bytes.Length, output);
    }

    /// <summary>Writes the archive that is a part of another.</summary>
    private void Write(Stream source, long start, long end, Stream output)
    {
        source.Position = start;
        foreach (var part in TarArchive.Parts(bytes, start, end))
        {
            var (entry, data) = (part.Entry, part.Entry.DataOffset);
            if (replacements.TryGetValue(data, out var replacement))
            {
                if (replacement.Extension is null && !HasOwnSize(entry))
                    WriteData(source, entry, replacement.Read(), output);
                else
                    WriteAnew(part, replacement, output);
                source.Position = part.End;
            }
            else if (part.IsArchive && replacements.Keys.Any(at => at >= data && at < data + entry.Length))
            {
                WriteArchive(source, part, output);
                source.Position = part.End;
            }
            else
                StoredBytes.Copy(source, output, part.End - source.Position);
        }

        StoredBytes.Copy(source, output, end - source.Position);
    }

    /// <summary>Writes an archive in the archive: once to know its length, then in earnest.</summary>
    private void WriteArchive(Stream source, TarPart part, Stream output)
    {
        if (HasOwnSize(part.Entry))
            throw new IsotopeException(
                $"{bytes.Path}: expected the size of {part.Name} in its header, found it in PAX attributes; use --as-folder"
            );
        using var inner = bytes.Open();
        using var counted = new PositionedStream(output: null);
        Write(inner, part.Entry.DataOffset, part.Entry.DataOffset + part.Entry.Length, counted);
        WriteHeaders(source, part.Entry, counted.Length, output);
        Write(inner, part.Entry.DataOffset, part.Entry.DataOffset + part.Entry.Length, output);
        Pad(counted.Length, output);
    }

    private static bool HasOwnSize(TarEntry entry) => entry is PaxTarEntry pax && pax.ExtendedAttributes.ContainsKey("size");

    private static void WriteData(Stream source, TarEntry entry, byte[] data, Stream output)
    {
        WriteHeaders(source, entry, data.Length, output);
        output.Write(data);
        Pad(data.Length, output);
    }

    /// <summary>Writes a member's headers as they are, but for its size.</summary>
    private static void WriteHeaders(Stream source, TarEntry entry, long length, Stream output)
    {
        var headers = new byte[entry.DataOffset - source.Position];
        source.ReadExactly(headers);
        var header = headers.AsSpan(headers.Length - TarArchive.Block);
        var size = header.Slice(TarArchive.SizeStart, TarArchive.SizeLength);
        Octal(length, size[..^1]);
        size[^1] = size[^1] is (byte)' ' ? (byte)' ' : (byte)0;
        header.Slice(ChecksumStart, ChecksumLength).Fill((byte)' ');
        var sum = 0;
        foreach (var value in header)
            sum += value;
        Octal(sum, header.Slice(ChecksumStart, ChecksumLength - 2));
        header[ChecksumStart + ChecksumLength - 2] = 0;
        output.Write(headers);
    }

    private static void Pad(long length, Stream output) =>
        output.Write(new byte[(TarArchive.Block - length % TarArchive.Block) % TarArchive.Block]);

    private static void Octal(long value, Span<byte> field)
    {
        for (var i = field.Length - 1; i >= 0; i--, value /= 8)
            field[i] = (byte)('0' + value % 8);
    }

    /// <summary>Writes a new image in GNU's format, in which nothing depends on this process, with the new image's extension.</summary>
    private static void WriteAnew(TarPart part, Replacement replacement, Stream output)
    {
        var entry = part.Entry;
        using var image = new MemoryStream(replacement.Read());
        using var member = new MemoryStream();
        using var writer = new TarWriter(member, TarEntryFormat.Gnu);
        writer.WriteEntry(
            new GnuTarEntry(
                TarEntryType.RegularFile,
                replacement.Extension is { } extension ? Dataset.Stem(part.Name) + extension : part.Name
            )
            {
                DataStream = image,
                Mode = entry.Mode,
                Uid = entry.Uid,
                Gid = entry.Gid,
                ModificationTime = entry.ModificationTime,
                AccessTime = default,
                ChangeTime = default,
                UserName = (entry as PosixTarEntry)?.UserName ?? "",
                GroupName = (entry as PosixTarEntry)?.GroupName ?? "",
            }
        );
        member.WriteTo(output); // before the writer closes the archive
    }
}
