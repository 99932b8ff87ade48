using System.Runtime.InteropServices;
using System.Text;
using Isotope.Files;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Datasets;

/// <summary>A decoded image, grey or RGB.</summary>
/// <param name="Width">Its width.</param>
/// <param name="Height">Its height.</param>
/// <param name="Channels">The number of channels: 1 (grey) or 3 (RGB).</param>
/// <param name="Pixels">Its grey levels, height × width × channels.</param>
public sealed record PixelImage(int Width, int Height, int Channels, byte[] Pixels)
{
    /// <summary>
    /// The opacity of each pixel, height × width; null if all are opaque. It is kept in files, but networks do not see it.
    /// </summary>
    public byte[]? Alpha { get; init; }

    /// <summary>Whether the images have the same height, width and channels.</summary>
    public bool SameShapeAs(PixelImage other) => Width == other.Width && Height == other.Height && Channels == other.Channels;

    /// <summary>SHA-256 of the size, the pixels and any opacity, in hexadecimal: the same in every lossless encoding.</summary>
    public string Sha256() => Hashes.OfBytes([.. Encoding.UTF8.GetBytes($"{Height} {Width} {Channels} "), .. Pixels, .. Alpha ?? []]);

    /// <summary>The image with added Gaussian noise, rounded and clipped.</summary>
    /// <param name="deviation">The standard deviation of the noise, grey levels.</param>
    /// <param name="stream">The random stream that the noise is drawn from.</param>
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
