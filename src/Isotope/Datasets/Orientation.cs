using SkiaSharp;

namespace Isotope.Datasets;

/// <summary>Turns images as the camera's EXIF orientation says.</summary>
internal static class Orientation
{
    /// <summary>The image as it should be seen.</summary>
    public static PixelImage Upright(PixelImage stored, SKEncodedOrigin origin)
    {
        if (origin == SKEncodedOrigin.TopLeft)
            return stored;
        var turned = origin >= SKEncodedOrigin.LeftTop;
        var (width, height) = turned ? (stored.Height, stored.Width) : (stored.Width, stored.Height);
        return new PixelImage(width, height, stored.Channels, Move(stored.Pixels, stored.Channels))
        {
            Alpha = stored.Alpha is { } alpha ? Move(alpha, 1) : null,
        };

        byte[] Move(byte[] from, int channels)
        {
            var to = new byte[from.Length];
            for (var i = 0; i < width * height; i++)
                from.AsSpan(Stored(i % width, i / width) * channels, channels).CopyTo(to.AsSpan(i * channels));
            return to;
        }

        // The stored pixel that is seen at a position.
        int Stored(int x, int y)
        {
            var (column, row) = origin switch
            {
                SKEncodedOrigin.TopRight => (stored.Width - 1 - x, y),
                SKEncodedOrigin.BottomRight => (stored.Width - 1 - x, stored.Height - 1 - y),
                SKEncodedOrigin.BottomLeft => (x, stored.Height - 1 - y),
                SKEncodedOrigin.LeftTop => (y, x),
                SKEncodedOrigin.RightTop => (y, stored.Height - 1 - x),
                SKEncodedOrigin.RightBottom => (stored.Width - 1 - y, stored.Height - 1 - x),
                _ => (stored.Width - 1 - y, x),
            };
            return row * stored.Width + column;
        }
    }
}
