using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using Isotope.Files;

namespace Isotope.Datasets.Originals;

/// <summary>A chunk of a PNG.</summary>
/// <param name="Kind">Its four letters.</param>
/// <param name="Data">Its data.</param>
internal sealed record PngChunk(string Kind, byte[] Data)
{
    /// <summary>Writes it with its length and checksum.</summary>
    public void Write(Stream output)
    {
        Span<byte> number = stackalloc byte[4];
        byte[] body = [.. Encoding.Latin1.GetBytes(Kind), .. Data];
        BinaryPrimitives.WriteInt32BigEndian(number, Data.Length);
        output.Write(number);
        output.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.HashToUInt32(body));
        output.Write(number);
    }
}

/// <summary>
/// A PNG of up to 8 bits that is written again with other pixels. Its rows are filtered as they were, and compressed as nearly as possible
/// as they were. Palettes stay where the changed colours fit into one.
/// </summary>
internal sealed class PngFile : OriginalFile
{
    /// <summary>The first bytes of a PNG.</summary>
    public static readonly byte[] Signature = [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    private readonly List<PngChunk> chunks = [];
    private readonly byte[] trailing;
    private readonly PngLayout layout;
    private readonly byte[] rows;
    private readonly PngCompression compression;

    private PngFile(ReadOnlySpan<byte> file)
    {
        var position = Signature.Length;
        while (position + 12 <= file.Length)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(file[position..]);
            if (length < 0 || length > file.Length - position - 12)
                throw new InvalidDataException("a chunk longer than the file");
            var kind = Encoding.Latin1.GetString(file.Slice(position + 4, 4));
            chunks.Add(new PngChunk(kind, file.Slice(position + 8, length).ToArray()));
            position += length + 12;
            if (kind == "IEND")
                break;
        }

        trailing = file[position..].ToArray();
        layout = PngLayout.Of(chunks[0].Data);
        byte[][] data = [.. chunks.Where(chunk => chunk.Kind == "IDAT").Select(chunk => chunk.Data)];
        byte[] stream = [.. data.SelectMany(part => part)];
        rows = Inflate(stream, layout.Length);
        compression = PngCompression.Like(stream, rows, data.Length > 1 ? data[0].Length : int.MaxValue);
    }

    private byte[] Palette => Data("PLTE") ?? [];

    private byte[] Transparency => Data("tRNS") ?? [];

    /// <exception cref="IsotopeException">It is damaged, or has 16 bits per channel.</exception>
    public static PngFile Read(string name, ReadOnlySpan<byte> file)
    {
        try
        {
            return new PngFile(file);
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException or IndexOutOfRangeException or IOException)
        {
            throw UntrustedFile.Refused(name, "a whole PNG of up to 8 bits", Printable.Start(e.Message, 100));
        }
    }

    /// <inheritdoc/>
    public override byte[] With(string name, PixelImage marked)
    {
        Changed = chunks.Any(chunk => chunk.Kind == "caBX") ? ImageMetadata.CredentialsDropped : null;
        if (layout.Colour == PngLayout.Indexed)
            return WithPalette(marked);
        if (layout.Depth == 8)
            return Write(layout, rows, Samples(marked), chunk => chunk);
        Note("grey of fewer than 8 bits became 8 bits");
        var wide = layout with { Depth = 8 };
        return Write(wide, null, Samples(marked), chunk => chunk.Kind == "tRNS" ? chunk with { Data = [0, KeyOf(0)] } : chunk);
    }

    private void Note(string what) => Changed = Changed is null ? what : $"{Changed}, {what}";

    private byte[]? Data(string kind) => chunks.FirstOrDefault(chunk => chunk.Kind == kind)?.Data;

    /// <summary>The samples of pixels in the layout's channels. Transparent pixels of one colour keep it, and no other gets it.</summary>
    private byte[] Samples(PixelImage image)
    {
        var colours = layout.Colour is 0 or 4 ? 1 : 3;
        var hasAlpha = layout.Colour is 4 or 6;
        var key = !hasAlpha && Transparency.Length >= 2 * colours;
        var channels = colours + (hasAlpha ? 1 : 0);
        var samples = new byte[image.Width * image.Height * channels];
        for (var i = 0; i < image.Width * image.Height; i++)
        {
            var pixel = samples.AsSpan(i * channels, channels);
            for (var c = 0; c < colours; c++)
                pixel[c] = image.Pixels[i * image.Channels + c % image.Channels];
            if (hasAlpha)
                pixel[colours] = image.Alpha?[i] ?? byte.MaxValue;
            else if (key)
                Keep(pixel, isTransparent: image.Alpha?[i] == 0);
        }

        return samples;
    }

    private void Keep(Span<byte> pixel, bool isTransparent)
    {
        var isKey = true;
        for (var c = 0; c < pixel.Length; c++)
            isKey &= pixel[c] == KeyOf(c);
        if (isKey && !isTransparent)
            pixel[^1] ^= 1;
        for (var c = 0; isTransparent && c < pixel.Length; c++)
            pixel[c] = KeyOf(c);
    }

    /// <summary>A channel of the transparent colour, in 8 bits.</summary>
    private byte KeyOf(int channel) => (byte)(Transparency[2 * channel + 1] * 255 / ((1 << layout.Depth) - 1));

    /// <summary>Writes indices of a palette that has all colours, or the colours themselves if they are too many.</summary>
    private byte[] WithPalette(PixelImage image)
    {
        var colours = new Dictionary<(byte, byte, byte, byte), byte>();
        var indices = new byte[image.Width * image.Height];
        for (var i = 0; i < indices.Length; i++)
        {
            var pixel = image.Pixels.AsSpan(i * image.Channels, image.Channels);
            var colour = (pixel[0], pixel[1 % pixel.Length], pixel[2 % pixel.Length], image.Alpha?[i] ?? byte.MaxValue);
            if (!colours.TryGetValue(colour, out indices[i]))
            {
                if (colours.Count == 1 << layout.Depth)
                    return WithColours(image);
                colours[colour] = indices[i] = (byte)colours.Count;
            }
        }

        byte[] palette = [.. colours.Keys.SelectMany(colour => new[] { colour.Item1, colour.Item2, colour.Item3 })];
        byte[] alpha = [.. colours.Keys.Select(colour => colour.Item4)];
        return Write(
            layout,
            rows,
            indices,
            chunk =>
                chunk.Kind switch
                {
                    "PLTE" => chunk with { Data = palette },
                    "tRNS" => chunk with { Data = alpha },
                    "bKGD" or "hIST" => null, // they refer to the former palette
                    _ => chunk,
                }
        );
    }

    private byte[] WithColours(PixelImage image)
    {
        Note("a palette became full colours");
        var hasAlpha = image.Alpha is not null;
        var full = layout with { Depth = 8, Colour = hasAlpha ? 6 : 2 };
        var channels = full.Channels;
        var samples = new byte[image.Width * image.Height * channels];
        for (var i = 0; i < image.Width * image.Height; i++)
        {
            for (var c = 0; c < 3; c++)
                samples[i * channels + c] = image.Pixels[i * image.Channels + c % image.Channels];
            if (hasAlpha)
                samples[i * channels + 3] = image.Alpha![i];
        }

        return Write(full, null, samples, chunk => chunk.Kind is "PLTE" or "tRNS" or "bKGD" or "hIST" or "sBIT" ? null : chunk);
    }

    /// <summary>Writes the file again with other samples.</summary>
    /// <param name="to">The layout to write.</param>
    /// <param name="filtered">Rows whose filters are used again; null for a usual filter.</param>
    /// <param name="samples">The samples of all pixels.</param>
    /// <param name="change">What becomes of other chunks; null if they are left out.</param>
    private byte[] Write(PngLayout to, byte[]? filtered, byte[] samples, Func<PngChunk, PngChunk?> change)
    {
        using var output = new MemoryStream();
        output.Write(Signature);
        var isFirst = true;
        foreach (var chunk in chunks.Where(chunk => chunk.Kind != "caBX"))
            if (chunk.Kind == "IHDR")
                (chunk with { Data = to.Header(chunk.Data) }).Write(output);
            else if (chunk.Kind != "IDAT")
                change(chunk)?.Write(output);
            else if (isFirst)
            {
                isFirst = false;
                foreach (var part in compression.Compress(to.Filter(samples, filtered)))
                    new PngChunk("IDAT", part).Write(output);
            }

        output.Write(trailing);
        return output.ToArray();
    }

    private static byte[] Inflate(byte[] stream, long length)
    {
        if (length > int.MaxValue)
            throw new InvalidDataException("too many pixels");
        using var packed = new ZLibStream(new MemoryStream(stream), CompressionMode.Decompress);
        var rows = new byte[length];
        packed.ReadExactly(rows);
        return rows;
    }
}
