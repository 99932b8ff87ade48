using System.Collections.ObjectModel;
using System.IO.Compression;
using Isotope.Files;
using static Isotope.Files.UntrustedFile;

namespace Isotope.Networks.Checkpoints;

/// <summary>The records of an archive that PyTorch wrote, or that claims so.</summary>
internal static class ZipRecords
{
    /// <summary>
    /// How many times its own size an archive may inflate to, plus a megabyte for tiny ones. PyTorch does not compress, and compressed
    /// weights shrink by a tenth; anything near the limit is a zip bomb.
    /// </summary>
    private const int MaxRatio = 100;

    /// <summary>The records by name; they can be read while the stream is open.</summary>
    /// <exception cref="InvalidDataException">
    /// The archive is damaged, encrypted or a zip bomb, or two records have the same name.
    /// </exception>
    public static Dictionary<string, ZipArchiveEntry> Read(FileStream stream)
    {
        Dictionary<string, ZipArchiveEntry> records = new(StringComparer.Ordinal);
        var budget = checked(MaxRatio * stream.Length + (1 << 20));
        foreach (var entry in Entries(stream))
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

    private static ReadOnlyCollection<ZipArchiveEntry> Entries(FileStream stream)
    {
        try
        {
            return new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true).Entries;
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException("expected a whole zip archive, found a damaged or truncated one; copy or download it again", e);
        }
    }

    /// <summary>
    /// Whether records of these names are a TorchScript archive: <c>torch.jit.save</c> writes some that <c>torch.save</c> does not.
    /// </summary>
    public static bool AreScript(IEnumerable<string> names) =>
        names.Any(name => name.EndsWith("/constants.pkl", StringComparison.Ordinal) || name.Contains("/code/", StringComparison.Ordinal));

    /// <summary>Opens a record; reading it checks its checksum.</summary>
    public static Stream Open(ZipArchiveEntry record) => new CheckedRecord(record);

    /// <summary>All bytes of a record, at most <paramref name="most"/>.</summary>
    /// <exception cref="InvalidDataException">It has more, or is damaged.</exception>
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
