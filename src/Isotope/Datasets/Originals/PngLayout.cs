using System.Buffers.Binary;

namespace Isotope.Datasets.Originals;

/// <summary>How the pixels of a PNG are laid out in rows, in one pass or in Adam7's seven.</summary>
internal sealed record PngLayout(int Width, int Height, int Depth, int Colour, bool Interlaced)
{
    /// <summary>The colour type of palettes.</summary>
    public const int Indexed = 3;

    private const int Paeth = 4;
    private static readonly (int X, int Y, int Across, int Down)[] Adam7 =
    [
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ];

    /// <summary>The number of samples of a pixel.</summary>
    public int Channels =>
        Colour switch
        {
            2 => 3,
            4 => 2,
            6 => 4,
            _ => 1,
        };

    /// <summary>The number of bytes of all rows with their filters.</summary>
    public long Length => Rows().Sum(row => 1L + BytesOf(row.Pixels));

    /// <summary>Reads the header's data.</summary>
    /// <exception cref="InvalidDataException">It has other values.</exception>
    public static PngLayout Of(byte[] header)
    {
        var (width, height) = (BinaryPrimitives.ReadInt32BigEndian(header), BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4)));
        var layout = new PngLayout(width, height, header[8], header[9], header[12] == 1);
        if (width < 1 || height < 1 || (long)width * height > ImageCodec.MaxPixels || header[8] is not (1 or 2 or 4 or 8))
            throw new InvalidDataException($"{width} × {height} pixels of {header[8]} bits");
        return layout;
    }

    /// <summary>The header's data for this layout.</summary>
    public byte[] Header(byte[] original)
    {
        var header = original.ToArray();
        (header[8], header[9]) = ((byte)Depth, (byte)Colour);
        return header;
    }

    /// <summary>Samples of 8 bits each, or indices, as filtered rows.</summary>
    /// <param name="samples">The samples of all pixels, row by row.</param>
    /// <param name="filtered">Rows of the same layout whose filters are used again; null for a usual filter.</param>
    public byte[] Filter(byte[] samples, byte[]? filtered)
    {
        var output = new byte[Length];
        var (start, pass) = (0, -1);
        var before = Array.Empty<byte>();
        var step = Math.Max(1, Channels * Depth / 8);
        foreach (var row in Rows())
        {
            var bytes = Pack(samples, row);
            if (row.Pass != pass)
                (before, pass) = (new byte[bytes.Length], row.Pass);
            var filter = filtered?[start] ?? (Depth == 8 && Colour != Indexed ? (byte)Paeth : (byte)0);
            output[start] = filter;
            for (var i = 0; i < bytes.Length; i++)
            {
                int left = i >= step ? bytes[i - step] : 0;
                int corner = i >= step ? before[i - step] : 0;
                output[start + 1 + i] = (byte)(bytes[i] - Predict(filter, left, before[i], corner));
            }

            before = bytes;
            start += 1 + bytes.Length;
        }

        return output;
    }

    private static int Predict(byte filter, int left, int above, int corner)
    {
        return filter switch
        {
            0 => 0,
            1 => left,
            2 => above,
            3 => (left + above) / 2,
            4 => NearestOf(left + above - corner),
            _ => throw new InvalidDataException("an unknown filter"),
        };

        int NearestOf(int sum)
        {
            var (a, b, c) = (Math.Abs(sum - left), Math.Abs(sum - above), Math.Abs(sum - corner));
            return a <= b && a <= c ? left
                : b <= c ? above
                : corner;
        }
    }

    private byte[] Pack(byte[] samples, (int Pass, int X, int Y, int Across, int Pixels) row)
    {
        var packed = new byte[BytesOf(row.Pixels)];
        for (var i = 0; i < row.Pixels; i++)
        {
            var from = (row.Y * Width + row.X + i * row.Across) * Channels;
            if (Depth == 8)
                samples.AsSpan(from, Channels).CopyTo(packed.AsSpan(i * Channels));
            else
                packed[i * Depth / 8] |= (byte)(samples[from] << (8 - Depth - i * Depth % 8));
        }

        return packed;
    }

    private int BytesOf(int pixels) => (int)(((long)pixels * Channels * Depth + 7) / 8);

    private IEnumerable<(int Pass, int X, int Y, int Across, int Pixels)> Rows()
    {
        foreach (var (pass, (x, y, across, down)) in (Interlaced ? Adam7 : [(0, 0, 1, 1)]).Index())
        {
            var pixels = (Width - x + across - 1) / across;
            for (var row = y; row < Height && pixels > 0; row += down)
                yield return (pass, x, row, across, pixels);
        }
    }
}
