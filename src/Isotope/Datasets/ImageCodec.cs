using System.Runtime.InteropServices;
using Isotope.Files;
using SkiaSharp;
using static Isotope.Files.UntrustedFile;

namespace Isotope.Datasets;

/// <summary>
/// Decodes and encodes image files (by SkiaSharp) and NumPy arrays of bytes. Pixels are those that are stored, as most readers of datasets
/// take them: neither orientation nor colour profiles are applied. CMYK becomes RGB, transparency is kept, and PNGs of 16 bits per channel
/// are refused.
/// </summary>
internal static class ImageCodec
{
    /// <summary>The file name extensions of images that can be read, in lower case.</summary>
    public static readonly IReadOnlyList<string> Extensions = [".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".npy"];

    /// <summary>The largest image that is decoded, in pixels: a small file can claim any size.</summary>
    public const long MaxPixels = 200_000_000;

    /// <summary>
    /// The most pixels per byte of the file, in images larger than <see cref="SmallImage"/>: a few bytes that compress nothing must not
    /// take gigabytes of memory. Real images have 1 to 50.
    /// </summary>
    private const long MostPixelsPerByte = 1000;
    private const long SmallImage = 16_000_000;

    /// <summary>The largest encoded image that is read, in bytes.</summary>
    internal const long MaxFileSize = 512L << 20;

    private const float WebPEffort = 75;
    private const string ImageKinds = "a JPEG, PNG, WebP, BMP or NPY image";
    private const int Rgba = 4;
    private const int PngColour = 25; // its type: 0 is grey, 4 grey with opacity
    private static readonly SKPngEncoderOptions StoredPng = new(SKPngEncoderFilterFlags.NoFilters, zLibLevel: 0);

    /// <summary>Decodes a JPEG, PNG, WebP, BMP or NPY file, whatever its extension.</summary>
    /// <exception cref="IsotopeException">The file is not such an image, is damaged or truncated, or has 16 bits per channel.</exception>
    public static PixelImage Decode(string path) => Decode(path, Read(path));

    /// <summary>Decodes the bytes of an image file; <paramref name="name"/> is used only in errors.</summary>
    /// <exception cref="IsotopeException">As for <see cref="Decode(string)"/>.</exception>
    public static PixelImage Decode(string name, ReadOnlySpan<byte> file)
    {
        if (file.StartsWith(NpyFile.Magic))
            return NpyFile.Decode(name, file);
        using var data = SKData.CreateCopy(file);
        using var codec = Open(name, data);
        var info = codec.Info;
        Check(name, file, codec);

        var rgba = new byte[info.Width * info.Height * Rgba];
        var result = codec.GetPixels(new SKImageInfo(info.Width, info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul), rgba);
        if (result != SKCodecResult.Success)
            throw Refused(name, "a whole image", $"damaged or truncated data ({result})");

        var isGrey = info.ColorType == SKColorType.Gray8 || (codec.EncodedFormat == SKEncodedImageFormat.Png && file[PngColour] is 0 or 4);
        var channels = isGrey ? 1 : 3;
        return new PixelImage(info.Width, info.Height, channels, Colours(rgba, channels)) { Alpha = AlphaOf(rgba) };
    }

    /// <summary>Encodes an image; <paramref name="name"/> is used only in errors.</summary>
    /// <exception cref="IsotopeException">The format can't hold the image.</exception>
    public static byte[] Encode(string name, PixelImage image, ImageEncoding encoding)
    {
        if (image.Alpha is not null && encoding.Format is ImageFormat.Npy or ImageFormat.Jpeg)
            throw Refused(name, $"an opaque image for {encoding.Extension}", "transparent pixels; write PNG or WebP, or flatten it first");
        if (encoding.Format == ImageFormat.WebP && HidesColours(image))
            throw Refused(
                name,
                "no colours under wholly transparent pixels for .webp, which drops them",
                "some; write PNG, or flatten it first"
            );
        if (encoding.Format == ImageFormat.Npy)
            return NpyFile.Encode(image);
        return EncodeBySkia(image, encoding)
            ?? throw Refused(name, $"a size that {encoding.Extension} can hold", $"{image.Width} × {image.Height}");
    }

    /// <summary>Encodes an image as PNG, which is lossless.</summary>
    public static byte[] EncodePng(PixelImage image) => Encode("image", image, ImageEncoding.Png);

    /// <summary>The extension that an image file with these bytes should have.</summary>
    /// <exception cref="IsotopeException">The bytes are not an image.</exception>
    public static string ExtensionOf(string name, ReadOnlySpan<byte> file)
    {
        if (file.StartsWith(NpyFile.Magic))
            return ".npy";
        using var data = SKData.CreateCopy(file);
        using var codec = Open(name, data);
        return codec.EncodedFormat switch
        {
            SKEncodedImageFormat.Jpeg => ".jpg",
            SKEncodedImageFormat.Webp => ".webp",
            SKEncodedImageFormat.Bmp => ".bmp",
            _ => ".png",
        };
    }

    /// <summary>Whether a wholly transparent pixel is not black.</summary>
    private static bool HidesColours(PixelImage image) =>
        image.Alpha is { } alpha && image.Pixels.Where((value, i) => value > 0 && alpha[i / image.Channels] == 0).Any();

    private static byte[]? EncodeBySkia(PixelImage image, ImageEncoding encoding)
    {
        var isGrey = image is { Channels: 1, Alpha: null };
        var pixels = isGrey ? image.Pixels : ToRgba(image);
        var info = new SKImageInfo(
            image.Width,
            image.Height,
            isGrey ? SKColorType.Gray8 : SKColorType.Rgba8888,
            image.Alpha is null ? SKAlphaType.Opaque : SKAlphaType.Unpremul
        );
        var handle = GCHandle.Alloc(pixels, GCHandleType.Pinned);
        try
        {
            using var map = new SKPixmap(info, handle.AddrOfPinnedObject());
            using var data = encoding.Format switch
            {
                ImageFormat.WebP => map.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, WebPEffort)),
                ImageFormat.Jpeg => map.Encode(new SKJpegEncoderOptions(encoding.JpegQuality!.Value)),
                _ => map.Encode(encoding.Stored ? StoredPng : SKPngEncoderOptions.Default),
            };
            return data?.ToArray();
        }
        finally
        {
            handle.Free();
        }
    }

    /// <summary>The bytes of an image file.</summary>
    /// <exception cref="IsotopeException">The file can't be read, or is too large.</exception>
    internal static byte[] Read(string path) =>
        UntrustedFile.Guard(
            path,
            () =>
            {
                var size = new FileInfo(path).Length;
                if (size == 0)
                    throw Refused(path, ImageKinds, "an empty file"); // a pipe or a device too, which might never end
                if (size > MaxFileSize)
                    throw Refused(path, $"an image file of at most {MaxFileSize >> 20} MB", $"{size >> 20} MB");
                return File.ReadAllBytes(path);
            }
        );

    private static SKCodec Open(string name, SKData file) =>
        SKCodec.Create(file)
        ?? throw Refused(name, ImageKinds, file.IsEmpty ? "an empty file" : "something else, or the damaged beginning of one");

    /// <summary>Refuses images that claim too many pixels, and PNGs of 16 bits per channel.</summary>
    private static void Check(string name, ReadOnlySpan<byte> file, SKCodec codec)
    {
        var info = codec.Info;
        var most = Math.Clamp(file.Length * MostPixelsPerByte, SmallImage, MaxPixels);
        if ((long)info.Width * info.Height > most)
            throw Refused(name, $"at most {most / 1_000_000} million pixels in {file.Length} bytes", $"{info.Width} × {info.Height}");
        if (codec.EncodedFormat == SKEncodedImageFormat.Png && PngBitDepth(file) == 16)
            throw Refused(name, "8 bits per channel", "16; convert it first");
    }

    /// <summary>The bit depth comes after the signature and the IHDR chunk's header, width and height.</summary>
    private static int PngBitDepth(ReadOnlySpan<byte> file) => file.Length > 24 ? file[24] : 0;

    private static byte[] Colours(byte[] rgba, int channels)
    {
        var pixels = new byte[rgba.Length / Rgba * channels];
        for (int from = 0, to = 0; from < rgba.Length; from += Rgba, to += channels)
            rgba.AsSpan(from, channels).CopyTo(pixels.AsSpan(to));
        return pixels;
    }

    /// <summary>The opacity of each pixel; null if all are opaque.</summary>
    private static byte[]? AlphaOf(byte[] rgba)
    {
        var alpha = new byte[rgba.Length / Rgba];
        for (var i = 0; i < alpha.Length; i++)
            alpha[i] = rgba[i * Rgba + 3];
        return alpha.AsSpan().ContainsAnyExcept(byte.MaxValue) ? alpha : null;
    }

    private static byte[] ToRgba(PixelImage image)
    {
        var rgba = new byte[image.Width * image.Height * Rgba];
        for (var i = 0; i < image.Width * image.Height; i++)
        {
            for (var c = 0; c < 3; c++)
                rgba[i * Rgba + c] = image.Pixels[i * image.Channels + c % image.Channels];
            rgba[i * Rgba + 3] = image.Alpha?[i] ?? byte.MaxValue;
        }

        return rgba;
    }
}
