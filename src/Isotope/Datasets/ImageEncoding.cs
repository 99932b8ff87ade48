using Isotope.Datasets.Formats;
using Isotope.Datasets.Originals;
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

    /// <summary>
    /// Each image's own format, with its name, metadata and colour profile. A JPEG keeps its quantisation, and is marked through it.
    /// </summary>
    Original,
}

/// <summary>An encoded image.</summary>
/// <param name="Bytes">The bytes to write.</param>
/// <param name="Pixels">The pixels that a reader of these bytes will see.</param>
internal sealed record EncodedImage(byte[] Bytes, PixelImage Pixels)
{
    /// <summary>What could not stay as it was in the original, in a few words; null if all could.</summary>
    public string? Changed { get; init; }
}

/// <summary>How images are written.</summary>
/// <param name="Format">The format of the file.</param>
/// <param name="JpegQuality">The quality of a JPEG, 30 to 100; null for lossless formats.</param>
/// <param name="Stored">Whether a PNG is left uncompressed, so that the size of its file depends only on the size of the image. No effect
/// on other formats.</param>
public sealed record ImageEncoding(ImageFormat Format, int? JpegQuality = null, bool Stored = false)
{
    private const string OriginalName = "original";

    /// <summary>Each image's own format.</summary>
    public static ImageEncoding Original { get; } = new(ImageFormat.Original);

    /// <summary>Whether metadata is left out, where images keep their own format.</summary>
    internal bool WithoutMetadata { get; init; }

    /// <summary>The name of the format in settings.</summary>
    internal string Name => Format == ImageFormat.Original ? OriginalName : Extension;

    /// <summary>Lossless PNG.</summary>
    public static ImageEncoding Png { get; } = new(ImageFormat.Png);

    /// <summary>The extension of such files; empty for each image's own.</summary>
    public string Extension =>
        Format switch
        {
            ImageFormat.Original => "",
            ImageFormat.Png => ".png",
            ImageFormat.WebP => ".webp",
            ImageFormat.Npy => ".npy",
            _ => ".jpg",
        };

    /// <summary>The encoding of a name in settings, and a quality for JPEG.</summary>
    /// <exception cref="FormatException">There is no such encoding.</exception>
    internal static ImageEncoding Of(string name, int? jpegQuality) =>
        (name, jpegQuality) switch
        {
            (OriginalName, null) => Original,
            (".png", null) => Png,
            (".webp", null) => new ImageEncoding(ImageFormat.WebP),
            (".npy", null) => new ImageEncoding(ImageFormat.Npy),
            (".jpg", { } quality) => Jpeg(quality),
            _ => throw new FormatException($"no encoding {name}"),
        };

    /// <summary>JPEG of a quality from 30 to 100.</summary>
    /// <exception cref="IsotopeException">The quality is out of range.</exception>
    public static ImageEncoding Jpeg(int quality)
    {
        OptionCheck.Require(quality is >= 30 and <= 100, "--jpeg-quality", "30 to 100", quality);
        return new ImageEncoding(ImageFormat.Jpeg, quality);
    }

    /// <summary>The id or path of an image's marked version.</summary>
    /// <param name="id">The id or path of the image. One without an extension of images gets that of the content.</param>
    /// <param name="source">Where the image is stored.</param>
    /// <exception cref="IsotopeException">It can't be read.</exception>
    internal string NameOf(string id, ImageSource source)
    {
        if (Format != ImageFormat.Original)
            return Dataset.Stem(id) + Extension;
        if (ImageFolder.IsImage(id))
            return id;
        return id + (source is RawSource ? Png.Extension : ImageCodec.ExtensionOf(source.Name, source.ReadEncoded()));
    }

    /// <summary>The bytes of an image that is not changed.</summary>
    /// <exception cref="IsotopeException">They can't be read.</exception>
    internal byte[] Copy(ImageSource source) => WithoutMetadata ? ImageMetadata.Strip(source.ReadEncoded()) : source.ReadEncoded();

    /// <summary>Whether an image stays a JPEG, and is marked through its coefficients.</summary>
    internal bool KeepsJpeg(ImageSource source, byte[] file) =>
        Format == ImageFormat.Original && source is not RawSource && OriginalFile.IsJpeg(file);

    /// <summary>Encodes the marked version of an image, and decodes it again as a reader will.</summary>
    /// <exception cref="IsotopeException">The format can't hold it.</exception>
    internal EncodedImage Encode(ImageSource source, PixelImage marked)
    {
        if (Format != ImageFormat.Original)
            return Encode(source.Name, marked);
        return source is RawSource
            ? Png.Encode(source.Name, marked)
            : OriginalFile.Read(source.Name, Copy(source)).Encode(source.Name, marked);
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
