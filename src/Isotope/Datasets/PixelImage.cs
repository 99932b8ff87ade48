using System.Runtime.InteropServices;
using System.Text;
using Isotope.Files;
using Isotope.Numerics;
using static TorchSharp.torch;

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

    /// <summary>
    /// SHA-256 of size and pixels, with their opacity where some are transparent: the same however the image is encoded.
    /// </summary>
    public string Sha256() => Hashes.OfBytes([.. Encoding.UTF8.GetBytes($"{Height} {Width} {Channels} "), .. Pixels, .. Alpha ?? []]);

    /// <summary>The image with Gaussian noise, rounded and clipped.</summary>
    /// <param name="deviation">Standard deviation of the noise, grey levels.</param>
    /// <param name="stream">What it is drawn from.</param>
    internal PixelImage PlusNoise(double deviation, RandomStream stream)
    {
        using var generator = new Generator(stream.NextUInt64() >> 1);
        using var noise = randn(Pixels.Length, generator: generator);
        var values = MemoryMarshal.Cast<byte, float>(noise.bytes);
        var pixels = new byte[Pixels.Length];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)Math.Clamp(Math.Round(Pixels[i] + deviation * values[i]), 0, 255);
        return this with { Pixels = pixels };
    }
}
