using System.Globalization;
using System.IO.Compression;
using Isotope.Datasets;
using Isotope.Files;
using Isotope.Pickles;
using static Isotope.Files.UntrustedFile;
using static TorchSharp.torch;

namespace Isotope.Networks.Checkpoints;

/// <summary>
/// Files of NumPy: an archive of arrays by name (<c>numpy.savez</c>), or an array of objects, such as a dictionary of arrays
/// (<c>numpy.save</c>).
/// </summary>
internal static class NumpyFile
{
    private const string Extension = ".npy";

    /// <summary>Whether all records of an archive are arrays.</summary>
    public static bool AreArrays(IReadOnlyCollection<string> names) =>
        names.Count > 0 && names.All(name => name.EndsWith(Extension, StringComparison.Ordinal));

    /// <summary>Reads the headers of an archive's arrays.</summary>
    /// <exception cref="InvalidDataException">An array is damaged.</exception>
    /// <exception cref="IsotopeException">A header is damaged.</exception>
    public static TorchObject Open(IReadOnlyDictionary<string, ZipArchiveEntry> records)
    {
        PickleDictionary arrays = [];
        Dictionary<StorageReference, int> starts = [];
        foreach (var (name, entry) in records)
        {
            using var stream = ZipRecords.Open(entry);
            var (type, isFortran, shape, start) = Header(entry.FullName, stream);
            if (ElementType.OfNumpy(type) is not { } element)
            {
                arrays.With([name[..^Extension.Length], new PickleInstance($"a tensor of {Printable.Start(type)}")]);
                continue;
            }

            StorageReference storage = new(name, element, (entry.Length - start) / element.Bytes);
            starts[storage] = start;
            arrays.With([name[..^Extension.Length], NumpyArray.Of(storage, shape, isFortran)]);
        }

        return new TorchObject(arrays, Read);

        Tensor Read(StorageReference storage)
        {
            using var stream = ZipRecords.Open(records[storage.Key]);
            stream.ReadExactly(new byte[starts[storage]]);
            return TensorBytes.Read(stream, storage.Element, storage.Count);
        }
    }

    /// <summary>Reads the pickle in an array of objects.</summary>
    /// <exception cref="InvalidDataException">It is an array of numbers, or damaged.</exception>
    public static TorchObject Open(FileStream stream)
    {
        var (type, _, shape, start) = Header(Path.GetFileName(stream.Name), stream);
        if (type != "O")
            throw FileKind.Other($"one NumPy array of shape ({string.Join(", ", shape)}), which has no names");
        stream.Position = start;
        return new TorchObject(PickleMachine.Run(stream, PickleGlobals.Find), _ => throw Unexpected("arrays of NumPy", "tensors"));
    }

    private static (string Type, bool IsFortran, long[] Shape, int Start) Header(string name, Stream stream)
    {
        var bytes = new byte[NpyFile.MaxStart];
        var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        var (type, isFortran, shape, start) = NpyFile.ReadHeader(Printable.Start(name), bytes.AsSpan(0, length));
        var sizes = shape
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(size => long.Parse(size, NumberStyles.None, CultureInfo.InvariantCulture));
        return (type.Trim('\'').TrimStart('<', '|', '='), isFortran, [.. sizes], start);
    }
}
