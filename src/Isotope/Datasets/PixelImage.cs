namespace Isotope.Datasets;

/// <summary>
/// A decoded image: <paramref name="Height"/> × <paramref name="Width"/> × <paramref name="Channels"/> bytes, channels
/// last; 1 channel (grey) or 3 (RGB).
/// </summary>
public sealed record PixelImage(int Width, int Height, int Channels, byte[] Pixels)
{
    /// <summary>Opacity of each pixel, height × width; null where all are opaque. It is kept, and networks do not see it.</summary>
    public byte[]? Alpha { get; init; }

    /// <summary>Whether a tensor of one can hold the other: same height, width and channels.</summary>
    public bool SameShapeAs(PixelImage other) => Width == other.Width && Height == other.Height && Channels == other.Channels;
}
