using Isotope.Runs;

namespace Isotope.Datasets;

/// <summary>A format that images are written in.</summary>
public enum ImageFormat
{
    /// <summary>PNG: lossless.</summary>
    Png,

    /// <summary>WebP, lossless. Grey images become three equal channels.</summary>
    WebP,

    /// <summary>A NumPy array of bytes: height × width × 3, or height × width for grey images.</summary>
    Npy,

    /// <summary>JPEG of a quality: what is lost is lost from the mark too.</summary>
    Jpeg,
}

/// <summary>An image as it is written, and the pixels that a reader will see.</summary>
public sealed record EncodedImage(byte[] Bytes, PixelImage Pixels);

/// <summary>How images are written.</summary>
/// <param name="Format">Format of the file.</param>
/// <param name="JpegQuality">Quality of a JPEG, 30 to 100; null for lossless formats.</param>
/// <param name="Stored">A PNG is not compressed, so that its size tells nothing but the image's; no bearing on other formats.</param>
public sealed record ImageEncoding(ImageFormat Format, int? JpegQuality = null, bool Stored = false)
{
    /// <summary>Lossless PNG.</summary>
    public static ImageEncoding Png { get; } = new(ImageFormat.Png);

    /// <summary>The extension of a file's name.</summary>
    public string Extension =>
        Format switch
        {
            ImageFormat.Png => ".png",
            ImageFormat.WebP => ".webp",
            ImageFormat.Npy => ".npy",
            _ => ".jpg",
        };

    /// <summary>The encoding of an extension, and a quality for JPEG.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    internal static ImageEncoding Of(string extension, int? jpegQuality) =>
        (extension, jpegQuality) switch
        {
            (".png", null) => Png,
            (".webp", null) => new ImageEncoding(ImageFormat.WebP),
            (".npy", null) => new ImageEncoding(ImageFormat.Npy),
            (".jpg", { } quality) => Jpeg(quality),
            _ => throw new FormatException($"no encoding {extension}"),
        };

    /// <summary>JPEG of a quality.</summary>
    /// <exception cref="IsotopeException">The quality is out of range.</exception>
    public static ImageEncoding Jpeg(int quality)
    {
        OptionCheck.Require(quality is >= 30 and <= 100, "--jpeg-quality", "30 to 100", quality);
        return new ImageEncoding(ImageFormat.Jpeg, quality);
    }

    /// <summary>Encodes an image, and decodes it as a reader will.</summary>
    /// <param name="name">What errors call it.</param>
    /// <param name="image">The image.</param>
    /// <exception cref="IsotopeException">The format can't hold it.</exception>
    public EncodedImage Encode(string name, PixelImage image)
    {
        var bytes = ImageCodec.Encode(name, image, this);
        return new EncodedImage(bytes, ImageCodec.Decode(name, bytes));
    }
}
