using System.IO.Compression;
using Isotope.Files;
using static Isotope.Files.UntrustedFile;
using static TorchSharp.torch;

namespace Isotope.Networks.Checkpoints;

/// <summary>
/// Writes what PyTorch's <c>torch.load</c> opens, <c>weights_only=True</c> too. <see cref="Checkpoint"/> reads it back.
/// The same tensors make the same bytes; a file appears whole or not at all.
/// </summary>
public static class TorchFile
{
    /// <summary>Writes a state dict: tensors of any strides and device, in the given order.</summary>
    /// <param name="path">The file, which is replaced if it exists.</param>
    /// <param name="tensors">Names, all different, and dense tensors of floating point, integer or boolean type.</param>
    /// <exception cref="IsotopeException">A name is used twice, a type can't be written, or the file can't be.</exception>
    public static void Save(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        IReadOnlyList<KeyValuePair<string, Tensor>> all = [.. tensors];
        TensorNames.Check(all);
        AtomicFile.Write(path, stream => WriteTo(stream, PickleWriter.StateDict(all), all.Select(item => item.Value)));
    }

    /// <summary>
    /// Writes one tensor by itself, readable by the owner alone (mode 0600 on Unix); an existing file is not overwritten.
    /// </summary>
    /// <exception cref="IsotopeException">Its type can't be written, the file exists, or can't be written.</exception>
    public static void SavePrivateTensor(string path, Tensor tensor) =>
        AtomicFile.WritePrivate(
            path,
            stream => WriteTo(stream, PickleWriter.BareTensor(tensor), [tensor]),
            kept: "a secret is never overwritten"
        );

    /// <summary>Reads one tensor that was saved by itself, in PyTorch's zip or legacy format, with the same care as weights.</summary>
    /// <returns>A contiguous tensor on the CPU in no dispose scope, the caller's to dispose.</returns>
    /// <exception cref="IsotopeException">The file is missing, damaged or holds something else.</exception>
    public static Tensor LoadTensor(string path) =>
        UntrustedFile.Read(
            path,
            stream =>
                FileKind.Of(stream) switch
                {
                    FileKind.Zip => TorchZip.Open(stream).LoadTensor(),
                    FileKind.Pickle => TorchLegacy.Open(stream).LoadTensor(),
                    var kind => throw Unexpected("a tensor as torch.save writes it", kind),
                }
        );

    private static void WriteTo(Stream stream, byte[] pickle, IEnumerable<Tensor> tensors)
    {
        using ZipArchive zip = new(stream, ZipArchiveMode.Create, leaveOpen: true);
        Record(zip, "data.pkl", record => record.Write(pickle));
        Record(zip, "byteorder", record => record.Write("little"u8));
        int key = 0;
        foreach (Tensor tensor in tensors)
            Record(zip, $"data/{key++}", record => TensorBytes.Write(record, tensor));
        Record(zip, "version", record => record.Write("3\n"u8));
    }

    private static void Record(ZipArchive zip, string name, Action<Stream> write)
    {
        ZipArchiveEntry entry = zip.CreateEntry("archive/" + name, CompressionLevel.NoCompression);
        entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero); // the least a zip can say
        using Stream record = entry.Open();
        write(record);
    }
}
