namespace Isotope.Datasets;

/// <summary>
/// An image's luma in 12 × 12 pixels, each the mean of its area: nearly the same after recompression, resizing, or a mark, and far from
/// that of another image.
/// </summary>
internal static class Thumbnail
{
    private const int Side = 12;

    /// <summary>Values of a thumbnail: 12 × 12.</summary>
    public const int Length = Side * Side;

    /// <summary>The thumbnail of an image of any size, grey or of colours.</summary>
    public static byte[] Of(PixelImage image)
    {
        var (rows, columns) = (Cells(image.Height), Cells(image.Width));
        return [.. from row in rows from column in columns select (byte)Math.Round(Mean(image, row, column))];
    }

    /// <summary>What a manifest says of one; null where it says none or nonsense.</summary>
    public static byte[]? Parse(string? base64)
    {
        var values = new byte[Length];
        return base64 is not null && Convert.TryFromBase64String(base64, values, out var read) && read == Length ? values : null;
    }

    /// <summary>Root of the mean squared difference of two thumbnails, grey levels.</summary>
    public static double Distance(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        var squares = 0;
        for (var i = 0; i < Length; i++)
            squares += (one[i] - other[i]) * (one[i] - other[i]);
        return Math.Sqrt((double)squares / Length);
    }

    /// <summary>The pixels of each cell along an axis, those at its ends in part: weights of sum 1.</summary>
    private static (int First, double[] Weights)[] Cells(int size) =>
        [
            .. Enumerable
                .Range(0, Side)
                .Select(cell =>
                {
                    var (from, to) = ((double)cell * size / Side, (cell + 1.0) * size / Side);
                    var first = (int)from;
                    var weights = Enumerable
                        .Range(first, (int)Math.Ceiling(to) - first)
                        .Select(pixel => (Math.Min(to, pixel + 1) - Math.Max(from, pixel)) / (to - from));
                    return (first, weights.ToArray());
                }),
        ];

    private static double Mean(PixelImage image, (int First, double[] Weights) rows, (int First, double[] Weights) columns)
    {
        var mean = 0.0;
        for (var y = 0; y < rows.Weights.Length; y++)
        for (var x = 0; x < columns.Weights.Length; x++)
            mean +=
                rows.Weights[y] * columns.Weights[x] * Luma(image, ((rows.First + y) * image.Width + columns.First + x) * image.Channels);
        return mean;
    }

    private static double Luma(PixelImage image, int pixel) =>
        image.Channels == 1
            ? image.Pixels[pixel]
            : 0.299 * image.Pixels[pixel] + 0.587 * image.Pixels[pixel + 1] + 0.114 * image.Pixels[pixel + 2];
}
