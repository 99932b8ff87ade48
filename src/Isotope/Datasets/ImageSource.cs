using Isotope.Files;

namespace Isotope.Datasets;

/// <summary>Where an image is stored: in a file of its own, or in a file of many images.</summary>
public abstract record ImageSource
{
    /// <summary>What errors call the image.</summary>
    public abstract string Name { get; }

    /// <summary>The path of the file that holds the image.</summary>
    internal abstract string File { get; }

    /// <summary>Reads the stored bytes: an encoded image, or raw pixels.</summary>
    /// <exception cref="IsotopeException">They can't be read.</exception>
    public abstract byte[] Read();

    /// <summary>Reads the bytes of an image file: the stored bytes, or a PNG of raw pixels.</summary>
    /// <exception cref="IsotopeException">They can't be read.</exception>
    public virtual byte[] ReadEncoded() => Read();

    /// <summary>Reads and decodes the image.</summary>
    /// <exception cref="IsotopeException">It can't be read or decoded.</exception>
    public virtual PixelImage Decode() => ImageCodec.Decode(Name, Read());

    /// <summary>What is the same for the same stored bytes, and rarely for others; it need not read all of them.</summary>
    /// <exception cref="IsotopeException">They can't be read.</exception>
    internal virtual string Outline() => Sha256();

    /// <summary>SHA-256 of the stored bytes, in hexadecimal.</summary>
    /// <exception cref="IsotopeException">They can't be read.</exception>
    public string Sha256() => Hashes.OfBytes(Read());
}

/// <summary>An image in a file of its own.</summary>
/// <param name="Path">The file.</param>
public sealed record FileSource(string Path) : ImageSource
{
    private const int OutlineLength = 4096;

    /// <inheritdoc/>
    public override string Name => Path;

    internal override string File => Path;

    /// <inheritdoc/>
    public override byte[] Read() => ImageCodec.Read(Path);

    /// <summary>The length and some bytes from the middle.</summary>
    internal override string Outline() =>
        UntrustedFile.Read(
            Path,
            file =>
            {
                var bytes = new byte[Math.Min(OutlineLength, file.Length)];
                file.Position = (file.Length - bytes.Length) / 2;
                file.ReadExactly(bytes);
                return $"{file.Length} {Hashes.OfBytes(bytes)}";
            }
        );
}

/// <summary>An image that is changed whenever it is read.</summary>
internal sealed record ChangedSource(string Id, ImageSource Original, Func<string, PixelImage, PixelImage> Change) : ImageSource
{
    /// <inheritdoc/>
    public override string Name => Original.Name;

    internal override string File => Original.File;

    /// <inheritdoc/>
    public override byte[] Read() => ImageCodec.EncodePng(Decode());

    /// <inheritdoc/>
    public override PixelImage Decode() => Change(Id, Original.Decode());
}
