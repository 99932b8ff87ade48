using System.IO.Compression;
using System.Text;
using Isotope.Networks.Checkpoints.Pickles;
using static TorchSharp.torch;

namespace Isotope.Networks.Checkpoints;

/// <summary>The archive that <c>torch.save</c> writes since PyTorch 1.6: <c>data.pkl</c> beside one record per storage.</summary>
internal sealed class TorchZip
{
    /// <summary>
    /// What an archive may inflate to: this many times its own size, plus a megabyte for tiny ones. PyTorch does not
    /// compress at all, and compressed weights shrink by a tenth; anything near the limit is a bomb.
    /// </summary>
    const int MaxRatio = 100;

    readonly Dictionary<string, ZipArchiveEntry> entries = [];
    readonly string folder;

    TorchZip(FileStream stream)
    {
        long budget = checked(MaxRatio * stream.Length + (1 << 20));
        foreach (ZipArchiveEntry entry in new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true).Entries)
        {
            if (entry.Length < 0 || (budget -= entry.Length) < 0)
                throw new InvalidDataException($"expected an archive that inflates to at most {MaxRatio} times its size, found a larger one");
            if (entry.IsEncrypted || !entries.TryAdd(entry.FullName, entry))
                throw new InvalidDataException($"expected plain records with different names in the archive, found '{CheckpointFile.Short(entry.FullName)}' encrypted or twice");
        }
        folder = FindFolder();
    }

    /// <summary>Reads the pickle of the archive and checks what it says of itself.</summary>
    /// <exception cref="InvalidDataException">It is another kind of archive, or damaged.</exception>
    public static TorchObject Open(FileStream stream)
    {
        TorchZip zip = new(stream);
        if (zip.entries.TryGetValue(zip.folder + "byteorder", out ZipArchiveEntry? order) && Bytes(order) is var name && !name.AsSpan().SequenceEqual("little"u8))
            throw new InvalidDataException($"expected byte order 'little', found '{CheckpointFile.Short(Encoding.ASCII.GetString(name))}'");
        using MemoryStream pickle = new(Bytes(zip.entries[zip.folder + "data.pkl"]));
        return new TorchObject(PickleMachine.Run(pickle, new StorageTable()), zip.Read);
    }

    Tensor Read(StorageReference storage)
    {
        if (!entries.TryGetValue($"{folder}data/{storage.Key}", out ZipArchiveEntry? entry))
            throw new InvalidDataException($"expected a record of storage '{CheckpointFile.Short(storage.Key)}' in the archive, found none");
        if (entry.Length != storage.Bytes)
            throw new InvalidDataException($"expected {storage.Bytes} bytes of storage '{CheckpointFile.Short(storage.Key)}', found {entry.Length}");
        using Stream stream = entry.Open();
        return TensorBytes.Read(stream, storage.Element, storage.Count);
    }

    static byte[] Bytes(ZipArchiveEntry entry)
    {
        if (entry.Length > PickleReader.MaxBytes)
            throw new InvalidDataException($"expected at most {PickleReader.MaxBytes} bytes of {CheckpointFile.Short(entry.FullName)}, found {entry.Length}");
        byte[] bytes = new byte[entry.Length];
        using Stream stream = entry.Open();
        stream.ReadExactly(bytes);
        return bytes;
    }

    // The records share one folder, named after the file when it was saved.
    string FindFolder()
    {
        if (entries.Keys.Any(name => name.EndsWith("/constants.pkl", StringComparison.Ordinal) || name.Contains("/code/", StringComparison.Ordinal)))
            throw new InvalidDataException(FileKind.Expected("a TorchScript archive"));
        string pickle = entries.Keys.FirstOrDefault(name => name == "data.pkl" || name.EndsWith("/data.pkl", StringComparison.Ordinal))
            ?? throw new InvalidDataException(FileKind.Expected("a zip archive without data.pkl"));
        return pickle[..^"data.pkl".Length];
    }
}
