using System.IO.Compression;
using System.Text;
using Isotope.Files;
using Isotope.Pickles;
using static Isotope.Files.UntrustedFile;
using static TorchSharp.torch;

namespace Isotope.Networks.Checkpoints;

/// <summary>The archive that <c>torch.save</c> has written since PyTorch 1.6: <c>data.pkl</c> and one record per storage.</summary>
internal sealed class TorchZip
{
    private const int MaxOrderBytes = 16;
    private readonly Dictionary<string, ZipArchiveEntry> entries;
    private readonly string folder;

    private TorchZip(Dictionary<string, ZipArchiveEntry> entries)
    {
        this.entries = entries;
        folder = FindFolder();
    }

    /// <summary>Reads the archive's pickle and checks the byte order.</summary>
    /// <exception cref="InvalidDataException">It is another kind of archive, or damaged.</exception>
    public static TorchObject Open(FileStream stream)
    {
        var entries = ZipRecords.Read(stream);
        if (NumpyFile.AreArrays(entries.Keys))
            return NumpyFile.Open(entries);
        TorchZip zip = new(entries);
        zip.CheckByteOrder();
        using MemoryStream pickle = new(ZipRecords.Bytes(zip.entries[zip.folder + "data.pkl"], PickleReader.MaxBytes));
        return new TorchObject(PickleMachine.Run(pickle, PickleGlobals.Find, new StorageTable().Resolve), zip.Read);
    }

    // PyTorch before 2.0 wrote no such record, and ran on little-endian machines only.
    private void CheckByteOrder()
    {
        if (!entries.TryGetValue(folder + "byteorder", out var record))
            return;
        var order = Encoding.ASCII.GetString(ZipRecords.Bytes(record, MaxOrderBytes));
        if (order != "little")
            throw Unexpected(
                "byte order 'little'",
                $"'{Printable.Start(order)}'; open it in PyTorch and save it again on an ordinary computer"
            );
    }

    private Tensor Read(StorageReference storage)
    {
        if (!entries.TryGetValue($"{folder}data/{storage.Key}", out var entry))
            throw Unexpected($"a record of storage '{Printable.Start(storage.Key)}' in the archive", "none");
        if (entry.Length != storage.Bytes)
            throw Unexpected($"{storage.Bytes} bytes of storage '{Printable.Start(storage.Key)}'", entry.Length);
        using var stream = ZipRecords.Open(entry);
        return TensorBytes.Read(stream, storage.Element, storage.Count);
    }

    // The records share one folder, named after the file when it was saved.
    private string FindFolder()
    {
        if (ZipRecords.AreScript(entries.Keys))
            throw FileKind.Other("a TorchScript archive");
        string pickle =
            entries.Keys.FirstOrDefault(name => name == "data.pkl" || name.EndsWith("/data.pkl", StringComparison.Ordinal))
            ?? throw FileKind.Other(Kind(entries.Keys));
        return pickle[..^"data.pkl".Length];
    }

    private static string Kind(IReadOnlyCollection<string> names)
    {
        return names switch
        {
            _ when Has("model.weights.h5") => "a Keras model: export it to ONNX",
            _ when Has("serialized_exported_program.json") || Has("archive_format") =>
                "a program of torch.export: save model.state_dict(), or export ONNX or TorchScript",
            _ when Has(".mlmodel") => "a Core ML model: give the model that it was made from",
            _ when Has(".bin") || Has(".pth") || Has(".pt") || Has(".safetensors") || Has(".onnx") => "a zip archive of files: unpack it",
            _ => "a zip archive without data.pkl",
        };

        bool Has(string end) => names.Any(name => name.EndsWith(end, StringComparison.Ordinal));
    }
}
