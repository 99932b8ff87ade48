namespace Isotope.Datasets;

/// <summary>
/// An image's luma in 12 × 12 pixels, each the mean of its area. Recompression, resizing or a mark hardly change it; other images have very
/// different ones.
/// </summary>
internal static class Thumbnail
{
    private const int Side = 12;

    /// <summary>The number of values of a thumbnail.</summary>
    public const int Length = Side * Side;

    /// <summary>The thumbnail of an image of any size, grey or RGB.</summary>
    public static byte[] Of(PixelImage image)
    {
        var (rows, columns) = (Cells(image.Height), Cells(image.Width));
        return [.. from row in rows from column in columns select (byte)Math.Round(Mean(image, row, column))];
    }

    /// <summary>Reads a thumbnail from a manifest; null if it has none, or something else.</summary>
    public static byte[]? Parse(string? base64)
    {
        var values = new byte[Length];
        return base64 is not null && Convert.TryFromBase64String(base64, values, out var read) && read == Length ? values : null;
    }

    /// <summary>The root mean square of the difference of two thumbnails, grey levels.</summary>
    public static double Distance(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        var squares = 0;
        for (var i = 0; i < Length; i++)
            squares += (one[i] - other[i]) * (one[i] - other[i]);
        return Math.Sqrt((double)squares / Length);
    }

    /// <summary>
    /// The pixels of each cell along an axis, with weights of sum 1. A pixel on the border of two cells belongs to each in part.
    /// </summary>
    private static (int First, double[] Weights)[] Cells(int size)
    {
        return [.. Enumerable.Range(0, Side).Select(Cell)];

        (int First, double[] Weights) Cell(int cell)
        {
            var from = (double)cell * size / Side;
            var to = (cell + 1.0) * size / Side;
            var first = (int)from;
            var pixels = Enumerable.Range(first, (int)Math.Ceiling(to) - first);
            return (first, [.. pixels.Select(pixel => (Math.Min(to, pixel + 1) - Math.Max(from, pixel)) / (to - from))]);
        }
    }

    private static double Mean(PixelImage image, (int First, double[] Weights) rows, (int First, double[] Weights) columns)
    {
        var mean = 0.0;
        for (var y = 0; y < rows.Weights.Length; y++)
        for (var x = 0; x < columns.Weights.Length; x++)
            mean += rows.Weights[y] * columns.Weights[x] * Luma(image, columns.First + x, rows.First + y);
        return mean;
    }

    private static double Luma(PixelImage image, int x, int y)
    {
        var pixel = image.Pixels.AsSpan((y * image.Width + x) * image.Channels, image.Channels);
        return image.Channels == 1 ? pixel[0] : 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
    }
}
