using Isotope.Files;

namespace Isotope.Datasets;

/// <summary>Where an image is stored: a file of its own, or a place in a file of many.</summary>
public abstract record ImageSource
{
    /// <summary>What errors call it.</summary>
    public abstract string Name { get; }

    /// <summary>The file that it is in.</summary>
    internal abstract string File { get; }

    /// <summary>The bytes that are stored: an encoded image, or raw pixels.</summary>
    /// <exception cref="IsotopeException">They can't be read.</exception>
    public abstract byte[] Read();

    /// <summary>The bytes of an image file: those that are stored, or PNG of raw pixels.</summary>
    /// <exception cref="IsotopeException">They can't be read.</exception>
    public virtual byte[] ReadEncoded() => Read();

    /// <summary>The pixels.</summary>
    /// <exception cref="IsotopeException">The image can't be read, or is none.</exception>
    public virtual PixelImage Decode() => ImageCodec.Decode(Name, Read());

    /// <summary>Hash of the stored bytes.</summary>
    /// <exception cref="IsotopeException">They can't be read.</exception>
    public string Sha256() => Hashes.OfBytes(Read());
}

/// <summary>An image file.</summary>
public sealed record FileSource(string Path) : ImageSource
{
    /// <inheritdoc/>
    public override string Name => Path;

    internal override string File => Path;

    /// <inheritdoc/>
    public override byte[] Read() => ImageCodec.Read(Path);
}

/// <summary>An image that is changed after it is read.</summary>
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
