using Isotope.Runs;

namespace Isotope.Datasets;

/// <summary>A format in which images are written.</summary>
public enum ImageFormat
{
    /// <summary>PNG, lossless.</summary>
    Png,

    /// <summary>WebP, lossless. Grey images become three equal channels.</summary>
    WebP,

    /// <summary>A NumPy array of bytes: height × width × 3, or height × width for grey images.</summary>
    Npy,

    /// <summary>JPEG, lossy: the mark loses strength too.</summary>
    Jpeg,
}

/// <summary>An encoded image.</summary>
/// <param name="Bytes">The bytes to write.</param>
/// <param name="Pixels">The pixels that a reader of these bytes will see.</param>
internal sealed record EncodedImage(byte[] Bytes, PixelImage Pixels);

/// <summary>How images are written.</summary>
/// <param name="Format">The format of the file.</param>
/// <param name="JpegQuality">The quality of a JPEG, 30 to 100; null for lossless formats.</param>
/// <param name="Stored">Whether a PNG is left uncompressed, so that the size of its file depends only on the size of the image. No effect
/// on other formats.</param>
public sealed record ImageEncoding(ImageFormat Format, int? JpegQuality = null, bool Stored = false)
{
    /// <summary>Lossless PNG.</summary>
    public static ImageEncoding Png { get; } = new(ImageFormat.Png);

    /// <summary>The extension of such files.</summary>
    public string Extension =>
        Format switch
        {
            ImageFormat.Png => ".png",
            ImageFormat.WebP => ".webp",
            ImageFormat.Npy => ".npy",
            _ => ".jpg",
        };

    /// <summary>The encoding with an extension, and a quality for JPEG.</summary>
    /// <exception cref="FormatException">There is no such encoding.</exception>
    internal static ImageEncoding Of(string extension, int? jpegQuality) =>
        (extension, jpegQuality) switch
        {
            (".png", null) => Png,
            (".webp", null) => new ImageEncoding(ImageFormat.WebP),
            (".npy", null) => new ImageEncoding(ImageFormat.Npy),
            (".jpg", { } quality) => Jpeg(quality),
            _ => throw new FormatException($"no encoding {extension}"),
        };

    /// <summary>JPEG of a quality from 30 to 100.</summary>
    /// <exception cref="IsotopeException">The quality is out of range.</exception>
    public static ImageEncoding Jpeg(int quality)
    {
        OptionCheck.Require(quality is >= 30 and <= 100, "--jpeg-quality", "30 to 100", quality);
        return new ImageEncoding(ImageFormat.Jpeg, quality);
    }

    /// <summary>Encodes an image, and decodes it again as a reader will.</summary>
    /// <param name="name">What errors call the image.</param>
    /// <param name="image">The image.</param>
    /// <exception cref="IsotopeException">The format can't hold the image.</exception>
    internal EncodedImage Encode(string name, PixelImage image)
    {
        var bytes = ImageCodec.Encode(name, image, this);
        return new EncodedImage(bytes, ImageCodec.Decode(name, bytes));
    }
}
