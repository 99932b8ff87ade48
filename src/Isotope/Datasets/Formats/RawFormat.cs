namespace Isotope.Datasets.Formats;

/// <summary>Shape of images that are stored as bytes of pixels: channel after channel (planar), or channels last.</summary>
internal sealed record RawShape(int Width, int Height, int Channels)
{
    /// <summary>Bytes of an image.</summary>
    public int Length => Width * Height * Channels;

    /// <summary>Pixels of stored, planar bytes.</summary>
    public PixelImage Decode(byte[] planar)
    {
        var pixels = new byte[planar.Length];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = planar[i % Channels * Width * Height + i / Channels];
        return new PixelImage(Width, Height, Channels, pixels);
    }

    /// <summary>Planar bytes of an image of this shape.</summary>
    public byte[] Encode(PixelImage image)
    {
        var planar = new byte[image.Pixels.Length];
        for (var i = 0; i < planar.Length; i++)
            planar[i % Channels * Width * Height + i / Channels] = image.Pixels[i];
        return planar;
    }
}

/// <summary>An image whose pixels are stored raw.</summary>
internal sealed record RawSource(string Id, StoredBytes Bytes, long Offset, RawShape Shape) : ImageSource
{
    /// <inheritdoc/>
    public override string Name => $"{Bytes.Path}: {Id}";

    internal override string File => Bytes.Path;

    /// <inheritdoc/>
    public override byte[] Read() => Bytes.Read(Offset, Shape.Length);

    /// <inheritdoc/>
    public override byte[] ReadEncoded() => ImageCodec.EncodePng(Decode());

    /// <inheritdoc/>
    public override PixelImage Decode() => Shape.Decode(Read());
}

/// <summary>Formats of raw pixels, all of one size: marked ones are written over the others, and a file's size stays.</summary>
internal abstract class RawFormat : ContainerFormat
{
    /// <inheritdoc/>
    public override string MarkedId(string id, string extension) => id;

    /// <inheritdoc/>
    public override void Require(ImageEncoding encoding)
    {
        if (encoding.Format != ImageFormat.Png)
            throw new IsotopeException(
                $"--format, --jpeg-quality: expected none for a dataset of raw pixels, found {encoding.Extension}; add --as-folder"
            );
    }

    /// <inheritdoc/>
    public override EncodedImage Encode(LabelledImage original, PixelImage marked, ImageEncoding encoding) =>
        new(((RawSource)original.Source).Shape.Encode(marked), marked);

    /// <inheritdoc/>
    public override void Rewrite(string file, IReadOnlyList<Replacement> replacements, Stream output)
    {
        ((RawSource)replacements[0].Source).Bytes.CopyTo(
            replacements
                .OrderBy(image => ((RawSource)image.Source).Offset)
                .Select(image => (((RawSource)image.Source).Offset, image.Read())),
            output
        );
    }

    /// <summary>The images of a file, one after the other.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="name">What ids begin with.</param>
    /// <param name="shape">Of every image.</param>
    /// <param name="start">Where the first image's pixels begin.</param>
    /// <param name="stride">From one image to the next.</param>
    /// <param name="labels">Labels of the images.</param>
    protected static IEnumerable<LabelledImage> Images(
        StoredBytes bytes,
        string name,
        RawShape shape,
        long start,
        int stride,
        IEnumerable<int> labels
    ) =>
        labels
            .Select((label, i) => (label, Id: FormattableString.Invariant($"{name}/{i:D5}"), Offset: start + (long)i * stride))
            .Select(image => new LabelledImage(image.Id, new RawSource(image.Id, bytes, image.Offset, shape), image.label));
}
