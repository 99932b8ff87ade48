using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Isotope.Files;
using static Isotope.Files.UntrustedFile;

namespace Isotope.Datasets;

/// <summary>
/// Images as NumPy arrays of bytes, in format 1.0, 2.0 or 3.0: height × width, or height × width × 1 or 3, in C order. Other arrays are
/// refused; nothing in a file is executed.
/// </summary>
internal static partial class NpyFile
{
    private const int MaxHeader = 10_000; // the limit of numpy.load
    private const int Alignment = 64;

    /// <summary>Most bytes before the first element.</summary>
    public const int MaxStart = MaxHeader + 12;

    /// <summary>The first bytes of every such file.</summary>
    public static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Decodes an image; <paramref name="name"/> is used only in errors.</summary>
    /// <exception cref="IsotopeException">The file is damaged or truncated, or the array is not an image.</exception>
    public static PixelImage Decode(string name, ReadOnlySpan<byte> file)
    {
        var (type, isFortran, shape, start) = ReadHeader(name, file);
        if (type != "'|u1'")
            throw Refused(name, "an array of uint8 ('|u1')", $"dtype {Printable.Start(type)}");
        if (isFortran)
            throw Refused(name, "an array in C order", "Fortran order");
        var (height, width, channels) = Shape(name, shape);
        var length = (long)height * width * channels;
        if (file.Length - start != length)
            throw Refused(name, $"{length} bytes of pixels", $"{file.Length - start}");
        return new PixelImage(width, height, channels, file[start..].ToArray());
    }

    /// <summary>Encodes an image in format 1.0; grey images get two dimensions.</summary>
    public static byte[] Encode(PixelImage image)
    {
        var shape = FormattableString.Invariant($"{image.Height}, {image.Width}{(image.Channels == 1 ? "" : $", {image.Channels}")}");
        var header = $"{{'descr': '|u1', 'fortran_order': False, 'shape': ({shape}), }}";
        var start = Magic.Length + 4;
        var unaligned = start + header.Length + 1;
        var end = (unaligned + Alignment - 1) / Alignment * Alignment;
        var length = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)(end - start));
        return [.. Magic, 1, 0, .. length, .. Encoding.ASCII.GetBytes(header.PadRight(end - start - 1) + '\n'), .. image.Pixels];
    }

    /// <summary>Reads the header of an array of any type; <paramref name="name"/> is used only in errors.</summary>
    /// <param name="name">The file.</param>
    /// <param name="file">At least its first <see cref="MaxStart"/> bytes, or all of a shorter one.</param>
    /// <returns>The type as Python writes it, whether columns come first, the shape's numbers, and the first element's position.</returns>
    /// <exception cref="IsotopeException">It is damaged or truncated.</exception>
    public static (string Type, bool IsFortran, string Shape, int Start) ReadHeader(string name, ReadOnlySpan<byte> file)
    {
        var start = DataStart(name, file);
        var header = Header().Match(Encoding.UTF8.GetString(file[file.IndexOf((byte)'{')..start]));
        return header.Success
            ? (header.Groups["descr"].Value, header.Groups["fortran"].Value == "True", header.Groups["shape"].Value, start)
            : throw Refused(name, "a dictionary of descr, fortran_order and shape in the header", "something else");
    }

    /// <summary>The position of the pixels, after the signature, the version, the header's length and the header.</summary>
    private static int DataStart(string name, ReadOnlySpan<byte> file)
    {
        var version = file.Length > Magic.Length + 1 ? (file[Magic.Length], file[Magic.Length + 1]) : default;
        var sizeOfLength = version switch
        {
            (1, 0) => 2,
            (2, 0) or (3, 0) => 4,
            _ => throw Refused(name, "an .npy file of format 1.0, 2.0 or 3.0", $"{version.Item1}.{version.Item2}"),
        };
        var start = Magic.Length + 2 + sizeOfLength;
        if (file.Length < start)
            throw Refused(name, "a whole .npy file", "a truncated one");
        var length =
            sizeOfLength == 2
                ? BinaryPrimitives.ReadUInt16LittleEndian(file[(start - 2)..])
                : BinaryPrimitives.ReadUInt32LittleEndian(file[(start - 4)..]);
        if (length > Math.Min(MaxHeader, file.Length - start) || !file.Slice(start, (int)length).Contains((byte)'{'))
            throw Refused(name, $"a header of at most {MaxHeader} bytes and inside the file", $"{length}");
        return start + (int)length;
    }

    /// <summary>The numbers of a shape; −1 for one that does not fit.</summary>
    public static long[] Sizes(string shape) =>
        [
            .. shape
                .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(size => long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : -1),
        ];

    private static (int Height, int Width, int Channels) Shape(string name, string shape)
    {
        var sizes = Sizes(shape);
        if (sizes is not ([> 0, > 0] or [> 0, > 0, 1 or 3]))
            throw Refused(name, "an image of height × width, or height × width × 1 or 3", $"shape ({Printable.Start(shape)})");
        if (sizes[0] > ImageCodec.MaxPixels / sizes[1])
            throw Refused(name, $"at most {ImageCodec.MaxPixels / 1_000_000} million pixels", $"{sizes[1]} × {sizes[0]}");
        return ((int)sizes[0], (int)sizes[1], sizes.Length == 3 ? (int)sizes[2] : 1);
    }

    /// <summary>A header, whose keys are in alphabetical order, as the format demands.</summary>
    [GeneratedRegex(
        @"^\{\s*'descr'\s*:\s*(?<descr>'[^'\p{C}]*'|\[[^\p{C}]*\])"
            + @"\s*,\s*'fortran_order'\s*:\s*(?<fortran>True|False)"
            + @"\s*,\s*'shape'\s*:\s*\((?<shape>[0-9,\x20]*)\)\s*,?\s*\}\s*$",
        RegexOptions.NonBacktracking
    )]
    private static partial Regex Header();
}
