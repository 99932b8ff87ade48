using System.IO.Compression;
using Isotope.Files;
using static Isotope.Files.UntrustedFile;
using static TorchSharp.torch;

namespace Isotope.Networks.Checkpoints;

/// <summary>
/// Writes files that <c>torch.load</c> opens, also with <c>weights_only=True</c>. <see cref="Checkpoint"/> reads them back. The same
/// tensors give the same bytes, and a file appears whole or not at all.
/// </summary>
internal static class TorchFile
{
    /// <summary>Writes a state dict: tensors of any strides and device, in the given order.</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="tensors">Dense tensors of floating point, integer or boolean type, with different names.</param>
    /// <exception cref="IsotopeException">A name is used twice, or a type or the file can't be written.</exception>
    public static void Save(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        IReadOnlyList<KeyValuePair<string, Tensor>> all = [.. tensors];
        TensorNames.Check(all);
        AtomicFile.Write(path, stream => WriteTo(stream, PickleWriter.StateDict(all), all.Select(item => item.Value)));
    }

    /// <summary>
    /// Writes a single tensor, readable by the owner only (mode 0600 on Unix). An existing file is not overwritten.
    /// </summary>
    /// <exception cref="IsotopeException">The file exists, or the tensor's type or the file can't be written.</exception>
    public static void SavePrivateTensor(string path, Tensor tensor) =>
        AtomicFile.WritePrivate(
            path,
            stream => WriteTo(stream, PickleWriter.BareTensor(tensor), [tensor]),
            kept: "a secret is never overwritten"
        );

    /// <summary>Reads a single tensor in PyTorch's zip or legacy format, as safely as <see cref="Checkpoint"/> reads weights.</summary>
    /// <returns>A contiguous tensor on the CPU, in no dispose scope; the caller disposes it.</returns>
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
        var key = 0;
        foreach (var tensor in tensors)
            Record(zip, $"data/{key++}", record => TensorBytes.Write(record, tensor));
        Record(zip, "version", record => record.Write("3\n"u8));
    }

    private static void Record(ZipArchive zip, string name, Action<Stream> write)
    {
        var entry = zip.CreateEntry("archive/" + name, CompressionLevel.NoCompression);
        entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero); // the earliest that a zip can store
        using var record = entry.Open();
        write(record);
    }
}
