using System.IO.Compression;
using Isotope.Files;
using static Isotope.Files.UntrustedFile;

namespace Isotope.Networks.Checkpoints;

/// <summary>The records of an archive that PyTorch wrote, or that pretends so.</summary>
internal static class ZipRecords
{
    /// <summary>
    /// What an archive may inflate to: this many times its own size, plus a megabyte for tiny ones. PyTorch does not
    /// compress at all, and compressed weights shrink by a tenth; anything near the limit is a bomb.
    /// </summary>
    private const int MaxRatio = 100;

    /// <summary>The records by name, to be read while the stream is open.</summary>
    /// <exception cref="InvalidDataException">Damaged, a bomb, encrypted, or two records have one name.</exception>
    public static Dictionary<string, ZipArchiveEntry> Read(FileStream stream)
    {
        Dictionary<string, ZipArchiveEntry> records = new(StringComparer.Ordinal);
        var budget = checked(MaxRatio * stream.Length + (1 << 20));
        foreach (var entry in new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true).Entries)
        {
            if (entry.Length < 0 || (budget -= entry.Length) < 0)
                throw Unexpected($"an archive that inflates to at most {MaxRatio} times its size", "a larger one");
            if (entry.IsEncrypted || !records.TryAdd(entry.FullName, entry))
                throw Unexpected(
                    "plain records with different names in the archive",
                    $"'{Printable.Start(entry.FullName)}' encrypted or twice"
                );
        }

        return records;
    }

    /// <summary>A record's bytes, with what its reading throws if they are not those that were written.</summary>
    public static Stream Open(ZipArchiveEntry record) => new CheckedRecord(record);

    /// <summary>All bytes of a record that may have no more than <paramref name="most"/>.</summary>
    /// <exception cref="InvalidDataException">It has more, or others than were written.</exception>
    public static byte[] Bytes(ZipArchiveEntry record, int most)
    {
        if (record.Length > most)
            throw Unexpected($"at most {most} bytes of {Printable.Start(record.FullName)}", record.Length);
        var bytes = new byte[record.Length];
        using var stream = Open(record);
        stream.ReadExactly(bytes);
        return bytes;
    }
}
