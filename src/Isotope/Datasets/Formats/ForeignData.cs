using System.Buffers.Binary;
using System.Numerics;

namespace Isotope.Datasets.Formats;

/// <summary>Files of datasets that are recognised, but have to be converted first: each with what to do.</summary>
internal static class ForeignData
{
    private const string Convert = "export it to a Parquet file or class folders first (docs/formats.md, Datasets to convert)";

    private delegate bool Recognise(string name, ReadOnlySpan<byte> start);

    private static readonly (string Kind, string Remedy, Recognise Is)[] Kinds =
    [
        ("HDF5", Convert, (_, start) => start.Length > 4 && start[1..].StartsWith("HDF\r\n"u8)),
        ("LMDB", Convert, (_, start) => start.Length >= 20 && BinaryPrimitives.ReadUInt32LittleEndian(start[16..]) == 0xBEEFC0DE),
        ("TFRecord", Convert, (name, start) => name.Contains(".tfrecord", StringComparison.OrdinalIgnoreCase) || IsTfRecord(start)),
        ("MATLAB", Convert, (_, start) => start.StartsWith("MATLAB 5.0"u8)),
        ("Arrow", "load_from_disk(…).to_parquet(…) makes Parquet of it (docs/formats.md, Datasets to convert)", IsArrow),
        ("RecordIO (MXNet)", Convert, (_, start) => start.Length >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(start) == 0xCED7230A),
        ("FFCV", Convert, (name, _) => name.EndsWith(".beton", StringComparison.OrdinalIgnoreCase)),
        ("PyTorch", Convert, (name, _) => Path.GetExtension(name) is ".pt" or ".pth"),
        ("bzip2", "unpack it first", (_, start) => start.StartsWith("BZh"u8)),
        ("xz", "unpack it first", (_, start) => start.StartsWith<byte>([0xfd, 0x37, 0x7a, 0x58, 0x5a])),
        ("Zstandard", "unpack it first", (_, start) => start.StartsWith<byte>([0x28, 0xb5, 0x2f, 0xfd])),
        ("7z", "unpack it first", (_, start) => start.StartsWith<byte>([0x37, 0x7a, 0xbc, 0xaf])),
        ("RAR", "unpack it first", (_, start) => start.StartsWith("Rar!"u8)),
        ("a pointer of Git LFS", "fetch the file by git lfs pull", (_, start) => start.StartsWith("version https://git-lfs"u8)),
        (
            "a list of ImageNet's validation",
            "torchvision.datasets.ImageNet(ROOT, 'val') once sorts the images into class folders",
            IsDevkit
        ),
    ];

    /// <summary>The exception for the first file of such a kind; null if there is none.</summary>
    public static IsotopeException? Refusal((string Path, byte[] Start)[] files)
    {
        foreach (var (path, start) in files)
            if (Kinds.FirstOrDefault(kind => kind.Is(Path.GetFileName(path), start)) is { Kind: not null } kind)
                return new IsotopeException($"{path}: expected {DatasetFormat.Names}, found {kind.Kind}; {kind.Remedy}");
        return null;
    }

    private static bool IsArrow(string name, ReadOnlySpan<byte> start) =>
        start.StartsWith("ARROW1"u8) || Path.GetExtension(name) is ".arrow" or ".feather";

    private static bool IsDevkit(string name, ReadOnlySpan<byte> start) => name == "ILSVRC2012_validation_ground_truth.txt";

    /// <summary>A record begins with its length and the masked checksum of that.</summary>
    private static bool IsTfRecord(ReadOnlySpan<byte> start)
    {
        if (start.Length < 12)
            return false;
        var sum = ~BitOperations.Crc32C(uint.MaxValue, BinaryPrimitives.ReadUInt64LittleEndian(start));
        var masked = BitOperations.RotateRight(sum, 15) + 0xa282ead8;
        return BinaryPrimitives.ReadUInt32LittleEndian(start[8..]) == masked;
    }
}
