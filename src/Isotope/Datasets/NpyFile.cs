using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Isotope.Datasets;

/// <summary>
/// NumPy's array files (<c>.npy</c>) for images: bytes (<c>|u1</c>) in C order, of shape H × W, H × W × 1 or H × W × 3.
/// Other arrays are refused by name; pickled objects are never read.
/// </summary>
internal static partial class NpyFile
{
    private const int Alignment = 64;
    private const int PrefixV1 = 10;
    private const int PrefixV2 = 12;
    private static readonly byte[] Magic = [0x93, .. "NUMPY"u8];

    /// <summary>Whether bytes begin as such a file.</summary>
    public static bool IsOne(ReadOnlySpan<byte> file) => file.StartsWith(Magic);

    /// <summary>Reads an image.</summary>
    /// <exception cref="IsotopeException">Not an image of bytes, or cut.</exception>
    public static PixelImage Decode(string name, ReadOnlySpan<byte> file)
    {
        var (header, pixels) = Split(name, file);
        if (Value(header, DescrPattern()) is var type && type != "|u1") throw Refused(name, "bytes (|u1)", $"elements of type '{type}'");
        if (Value(header, OrderPattern()) != "False") throw Refused(name, "C order", "Fortran order");
        var shape = Shape(name, Value(header, ShapePattern()));
        var (height, width, channels) = shape.Length == 2 ? (shape[0], shape[1], 1) : (shape[0], shape[1], shape[2]);
        if ((long)width * height > ImageCodec.MaxPixels) throw Refused(name, $"at most {ImageCodec.MaxPixels / 1_000_000} million pixels", $"{width} × {height}");
        if (pixels.Length != (long)height * width * channels) throw Refused(name, $"{(long)height * width * channels} bytes of pixels", $"{pixels.Length}");
        return new PixelImage(width, height, channels, pixels.ToArray());
    }

    /// <summary>Writes an image, H × W × 3 or, grey, H × W: what <c>numpy.load</c> gives back.</summary>
    public static byte[] Encode(PixelImage image)
    {
        var shape = image.Channels == 1 ? $"{image.Height}, {image.Width}" : $"{image.Height}, {image.Width}, {image.Channels}";
        var header = $"{{'descr': '|u1', 'fortran_order': False, 'shape': ({shape}), }}";
        var length = (PrefixV1 + header.Length + 1 + Alignment - 1) / Alignment * Alignment - PrefixV1;
        var prefix = new byte[PrefixV1];
        Magic.CopyTo(prefix, 0);
        prefix[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(prefix.AsSpan(8), (ushort)length);
        return [.. prefix, .. Encoding.ASCII.GetBytes(header.PadRight(length - 1) + "\n"), .. image.Pixels];
    }

    /// <summary>Version 1 has a header length of 2 bytes, versions 2 and 3 of 4.</summary>
    private static (string Header, byte[] Pixels) Split(string name, ReadOnlySpan<byte> file)
    {
        if (file.Length < PrefixV2 || file[6] is 0 or > 3) throw Refused(name, "an array file of version 1 to 3", "another, or a cut one");
        var start = file[6] == 1 ? PrefixV1 : PrefixV2;
        var length = file[6] == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(file[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(file[8..]);
        if (length > file.Length - start) throw Refused(name, $"a header of {length} bytes", $"{file.Length - start}");
        return (Encoding.UTF8.GetString(file.Slice(start, (int)length)), file[(start + (int)length)..].ToArray());
    }

    private static int[] Shape(string name, string text)
    {
        var sizes = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(size => int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0).ToArray();
        var isImage = sizes is [> 0, > 0] or [> 0, > 0, 1] or [> 0, > 0, 3];
        return isImage ? sizes : throw Refused(name, "a shape H × W, H × W × 1 or H × W × 3", $"({text})");
    }

    private static string Value(string header, Regex pattern) => pattern.Match(header).Groups[1].Value;

    private static IsotopeException Refused(string name, string expected, string found) => new($"{name}: expected {expected}, found {found}");

    [GeneratedRegex("'descr': *'([^']*)'")]
    private static partial Regex DescrPattern();

    [GeneratedRegex("'fortran_order': *(True|False)")]
    private static partial Regex OrderPattern();

    [GeneratedRegex("""'shape': *\(([0-9, ]*)\)""")]
    private static partial Regex ShapePattern();
}
