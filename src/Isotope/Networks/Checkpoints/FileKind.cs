using System.Buffers.Binary;
using Isotope.Files;

namespace Isotope.Networks.Checkpoints;

/// <summary>Recognises a file by its first bytes; its extension does not count.</summary>
internal static class FileKind
{
    public const string Safetensors = "a safetensors file";
    public const string Zip = "a zip archive";
    public const string Pickle = "a pickle";
    public const string Numpy = "a NumPy array";
    public const string Unknown = "a file of unknown kind";
    public const string Protobuf = "an ONNX model or another protobuf";

    private const string TensorRT = "an engine of TensorRT: give the model that it was built from";

    // Formats of checkpoints, and files that get mistaken for one: offset and bytes of their signatures.
    private static readonly (int Offset, byte[] Bytes, string Kind)[] Signatures =
    [
        (0, [.. "PK\u0003\u0004"u8], Zip),
        (0, [.. "PK\u0005\u0006"u8], Zip),
        (0, [0x80, 2], Pickle),
        (0, [0x80, 3], Pickle),
        (0, [0x80, 4], Pickle),
        (0, [0x80, 5], Pickle),
        (0, [0x89, .. "HDF\r\n"u8], "an HDF5 file (Keras)"),
        (0, [0x93, .. "NUMPY"u8], Numpy),
        (0, [0x1f, 0x8b], "a gzip file: unpack it"),
        (0, [0x28, 0xb5, 0x2f, 0xfd], "a Zstandard file: unpack it"),
        (0, [0xfd, .. "7zXZ"u8], "an xz file: unpack it"),
        (0, [.. "7z"u8, 0xbc, 0xaf], "a 7z archive: unpack it"),
        (0, [.. "Rar!"u8], "a RAR archive: unpack it"),
        (0, [0xff, 0xd8, 0xff], "a JPEG image"),
        (0, [0x89, .. "PNG"u8], "a PNG image"),
        (0, [.. "ftrt"u8], TensorRT),
        (0, [.. "ptrt"u8], TensorRT),
        (0, [.. "GGUF"u8], "a GGUF file"),
        (0, [.. "version https://git-lfs"u8], "a Git LFS pointer (run git lfs pull)"),
        (4, [.. "TFL3"u8], "a TensorFlow Lite model"),
        (257, [.. "ustar"u8], "a tar archive: unpack it"),
        (0, [.. "<?xml"u8], "an XML file, such as an error message or OpenVINO's"),
        (0, [.. "<"u8], "a web page: the download went wrong"),
        (0, [.. "{"u8], "a JSON file"),
        (0, [8], Protobuf),
    ];

    /// <summary>Names the file's kind and returns the stream to its beginning.</summary>
    public static string Of(FileStream stream)
    {
        var start = new byte[512];
        var length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        stream.Position = 0;
        return length == 0 ? "an empty file" : Of(start.AsSpan(0, length), stream.Length);
    }

    private static string Of(ReadOnlySpan<byte> start, long length)
    {
        if (start.Length > 8 && start[8] == '{' && BinaryPrimitives.ReadUInt64LittleEndian(start) <= (ulong)length - 8)
            return Safetensors;
        return BySignature(start) ?? BySignature(start.TrimStart(" \r\n\t"u8)) ?? Unknown;
    }

    private static string? BySignature(ReadOnlySpan<byte> start)
    {
        foreach (var (offset, bytes, kind) in Signatures)
            if (start.Length >= offset && start[offset..].StartsWith(bytes))
                return kind;
        return null;
    }

    /// <summary>The exception for a file that is not a checkpoint.</summary>
    public static InvalidDataException Other(string kind) =>
        UntrustedFile.Unexpected(
            "a checkpoint of weights (safetensors, or PyTorch's .pt/.pth as torch.save writes a state_dict)",
            $"{kind} (docs/export.md says how to bring a model)"
        );
}
