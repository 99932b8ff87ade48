using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace Isotope.Datasets;

/// <summary>
/// Image files to pixels and back, by SkiaSharp, and NumPy arrays of bytes. Pixels are the stored ones: colour profiles are not applied. What can't
/// be kept by an 8-bit grey or RGB image (transparency, 16 bits, rotation by EXIF) is refused by name.
/// </summary>
public static class ImageCodec
{
    /// <summary>File name extensions that are read, in lower case.</summary>
    public static readonly IReadOnlyList<string> Extensions = [".jpg", ".jpeg", ".png", ".webp", ".bmp", ".npy"];

    /// <summary>The largest image that is decoded, in pixels: a small file can claim any size.</summary>
    public const long MaxPixels = 200_000_000;

    private const long MaxFileSize = 512L << 20;
    private const int Rgba = 4;

    /// <summary>Decodes a JPEG, PNG, WebP, BMP or NPY file, which the content tells apart.</summary>
    /// <exception cref="IsotopeException">Not such a file, damaged, truncated, or of a kind that is refused.</exception>
    public static PixelImage Decode(string path) => Decode(path, Read(path));

    /// <summary>Decodes the bytes of an image file; <paramref name="name"/> is used in errors alone.</summary>
    /// <exception cref="IsotopeException">As <see cref="Decode(string)"/>.</exception>
    public static PixelImage Decode(string name, ReadOnlySpan<byte> file)
    {
        if (file.StartsWith(NpyFile.Magic)) return NpyFile.Decode(name, file);
        using var data = SKData.CreateCopy(file);
        using var codec = SKCodec.Create(data) ?? throw Refused(name, "a JPEG, PNG, WebP, BMP or NPY image", "something else");
        var info = codec.Info;
        Check(name, file, codec);

        var rgba = new byte[info.Width * info.Height * Rgba];
        var result = GetPixels(codec, new SKImageInfo(info.Width, info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul), rgba);
        if (result != SKCodecResult.Success) throw Refused(name, "a whole image", $"damaged or truncated data ({result})");

        var channels = info.ColorType == SKColorType.Gray8 ? 1 : 3;
        return new PixelImage(info.Width, info.Height, channels, DropAlpha(name, rgba, channels));
    }

    /// <summary>Encodes losslessly.</summary>
    public static byte[] Encode(PixelImage image, ImageFormat format) => format == ImageFormat.Npy ? NpyFile.Encode(image) : EncodePng(image);

    /// <summary>The file name extension of a format.</summary>
    public static string ExtensionOf(ImageFormat format) => format == ImageFormat.Npy ? ".npy" : ".png";

    /// <summary>Encodes losslessly as PNG.</summary>
    public static byte[] EncodePng(PixelImage image)
    {
        var colorType = image.Channels == 1 ? SKColorType.Gray8 : SKColorType.Rgba8888;
        var pixels = image.Channels == 1 ? image.Pixels : AddAlpha(image.Pixels);
        var info = new SKImageInfo(image.Width, image.Height, colorType, SKAlphaType.Opaque);
        var handle = GCHandle.Alloc(pixels, GCHandleType.Pinned);
        try
        {
            using var map = new SKPixmap(info, handle.AddrOfPinnedObject());
            using var png = map.Encode(SKPngEncoderOptions.Default) ?? throw new InvalidOperationException("PNG encoding failed");
            return png.ToArray();
        }
        finally
        {
            handle.Free();
        }
    }

    private static byte[] Read(string path)
    {
        try
        {
            var size = new FileInfo(path).Length;
            if (size > MaxFileSize) throw Refused(path, $"an image file of at most {MaxFileSize >> 20} MB", $"{size >> 20} MB");
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IsotopeException($"{path}: expected a readable image: {e.Message}", e);
        }
    }

    private static void Check(string name, ReadOnlySpan<byte> file, SKCodec codec)
    {
        var info = codec.Info;
        if ((long)info.Width * info.Height > MaxPixels)
            throw Refused(name, $"at most {MaxPixels / 1_000_000} million pixels", $"{info.Width} × {info.Height}");
        if (codec.EncodedOrigin != SKEncodedOrigin.TopLeft)
            throw Refused(name, "an upright image", $"EXIF orientation {codec.EncodedOrigin}; apply it to the pixels first");
        if (codec.EncodedFormat == SKEncodedImageFormat.Png && PngBitDepth(file) == 16)
            throw Refused(name, "8 bits per channel", "16; convert it first");
    }

    /// <summary>The bit depth stands behind the signature, the IHDR chunk's header, width and height.</summary>
    private static int PngBitDepth(ReadOnlySpan<byte> file) => file.Length > 24 ? file[24] : 0;

    private static SKCodecResult GetPixels(SKCodec codec, SKImageInfo info, byte[] pixels)
    {
        var handle = GCHandle.Alloc(pixels, GCHandleType.Pinned);
        try
        {
            return codec.GetPixels(info, handle.AddrOfPinnedObject());
        }
        finally
        {
            handle.Free();
        }
    }

    private static byte[] DropAlpha(string name, byte[] rgba, int channels)
    {
        var pixels = new byte[rgba.Length / Rgba * channels];
        for (int from = 0, to = 0; from < rgba.Length; from += Rgba, to += channels)
        {
            if (rgba[from + 3] != byte.MaxValue) throw Refused(name, "an opaque image", "transparent pixels; flatten it first");
            rgba.AsSpan(from, channels).CopyTo(pixels.AsSpan(to));
        }

        return pixels;
    }

    private static byte[] AddAlpha(byte[] rgb)
    {
        var rgba = new byte[rgb.Length / 3 * Rgba];
        for (int from = 0, to = 0; from < rgb.Length; from += 3, to += Rgba)
            BinaryPrimitives.WriteUInt32LittleEndian(rgba.AsSpan(to), rgb[from] | (uint)rgb[from + 1] << 8 | (uint)rgb[from + 2] << 16 | 0xFFu << 24);
        return rgba;
    }

    private static IsotopeException Refused(string name, string expected, string found) => new($"{name}: expected {expected}, found {found}");
}
