using System.Buffers.Binary;
using System.Text;

namespace Isotope.Datasets.Originals;

/// <summary>
/// What image files say beside their pixels: metadata, and signed content credentials, which no longer hold once pixels change.
/// </summary>
internal static class ImageMetadata
{
    /// <summary>Says that content credentials are left out.</summary>
    public const string CredentialsDropped = "content credentials (C2PA) were left out, since their signature would not hold";

    private const int OrientationTag = 0x0112;
    private static readonly string[] PngText = ["tEXt", "zTXt", "iTXt", "tIME", "eXIf", "caBX"];

    /// <summary>
    /// The file without metadata, but with its pixels, colour profile and orientation. Files of other formats stay as they are.
    /// </summary>
    public static byte[] Strip(byte[] file)
    {
        if (OriginalFile.IsJpeg(file))
            return RewriteJpeg(file, StripSegment);
        if (file.AsSpan().StartsWith(PngFile.Signature))
            return StripPng(file);
        return WebPFile.Read(file) is { } webP ? StripWebP(webP.Chunks) : file;
    }

    /// <summary>A JPEG without content credentials, and whether it had any.</summary>
    public static (byte[] File, bool Had) WithoutCredentials(byte[] jpeg)
    {
        var had = false;
        RewriteJpeg(
            jpeg,
            (marker, payload) =>
            {
                had |= IsBox(marker, payload) && payload.AsSpan().IndexOf("c2pa"u8) >= 0;
                return payload;
            }
        );
        return had ? (RewriteJpeg(jpeg, (marker, payload) => IsBox(marker, payload) ? null : payload), true) : (jpeg, false);

        static bool IsBox(byte marker, byte[] payload) => marker == 0xeb && payload.AsSpan().StartsWith("JP"u8);
    }

    /// <summary>Writes a JPEG with the segments before its first scan changed or, for null, left out.</summary>
    private static byte[] RewriteJpeg(byte[] file, Func<byte, byte[], byte[]?> change)
    {
        using var output = new MemoryStream();
        output.Write(file.AsSpan(0, 2));
        var position = 2;
        while (position + 4 <= file.Length && file[position] == 0xff && file[position + 1] is > 0xbf and < 0xff and not 0xda)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(position + 2));
            if (length < 2 || position + 2 + length > file.Length)
                break;
            var payload = file.AsSpan(position + 4, length - 2).ToArray();
            if (change(file[position + 1], payload) is { } changed)
            {
                output.Write([0xff, file[position + 1], (byte)((changed.Length + 2) >> 8), (byte)(changed.Length + 2)]);
                output.Write(changed);
            }

            position += 2 + length;
        }

        output.Write(file.AsSpan(position));
        return output.ToArray();
    }

    private static byte[]? StripSegment(byte marker, byte[] payload)
    {
        var isProfile = payload.AsSpan().StartsWith("ICC_PROFILE\0"u8);
        if (marker == 0xe1 && payload.AsSpan().StartsWith("Exif\0\0"u8) && OrientationOf(payload.AsSpan(6)) is { } orientation)
            return [.. "Exif\0\0"u8, .. ExifOf(orientation)];
        return marker is (>= 0xe1 and <= 0xed) or 0xef or 0xfe && !isProfile ? null : payload;
    }

    private static byte[] StripPng(byte[] file)
    {
        using var output = new MemoryStream();
        output.Write(PngFile.Signature);
        var position = PngFile.Signature.Length;
        while (position + 12 <= file.Length)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(position));
            if (length < 0 || length > file.Length - position - 12)
                break;
            var kind = Encoding.Latin1.GetString(file, position + 4, 4);
            if (!PngText.Contains(kind))
                output.Write(file.AsSpan(position, length + 12));
            else if (kind == "eXIf" && OrientationOf(file.AsSpan(position + 8, length)) is { } orientation)
                new PngChunk(kind, ExifOf(orientation)).Write(output);
            position += length + 12;
        }

        output.Write(file.AsSpan(position));
        return output.ToArray();
    }

    private static byte[] StripWebP(List<(string Kind, byte[] Data)> chunks)
    {
        var kept = new List<(string Kind, byte[] Data)>();
        foreach (var (kind, data) in chunks)
            if (kind == "EXIF" && OrientationOf(data.AsSpan(data.AsSpan().StartsWith("Exif\0\0"u8) ? 6 : 0)) is { } orientation)
                kept.Add((kind, ExifOf(orientation)));
            else if (kind is not ("EXIF" or "XMP " or "C2PA"))
                kept.Add((kind, data));
        if (kept.FirstOrDefault().Kind == "VP8X")
            kept[0].Data[0] &= (byte)(kept.Any(chunk => chunk.Kind == "EXIF") ? ~0x04 : ~0x0c);
        return WebPFile.Write(kept);
    }

    /// <summary>The orientation in EXIF's first directory, if it is not upright.</summary>
    private static ushort? OrientationOf(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < 8)
            return null;
        var isLittle = tiff.StartsWith("II"u8);
        var offset = isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]);
        if (offset > tiff.Length - 2)
            return null;
        var count = Number(tiff[(int)offset..]);
        for (var entry = (int)offset + 2; count-- > 0 && entry + 12 <= tiff.Length; entry += 12)
            if (Number(tiff[entry..]) == OrientationTag)
                return Number(tiff[(entry + 8)..]) is var value and >= 2 and <= 8 ? value : null;
        return null;

        ushort Number(ReadOnlySpan<byte> at) =>
            isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(at) : BinaryPrimitives.ReadUInt16BigEndian(at);
    }

    /// <summary>EXIF with nothing but an orientation.</summary>
    private static byte[] ExifOf(ushort orientation) =>
        [.. "MM\0*\0\0\0\x8\0\x1\x1\x12\0\x3\0\0\0\x1\0"u8, (byte)orientation, 0, 0, 0, 0, 0, 0];
}
