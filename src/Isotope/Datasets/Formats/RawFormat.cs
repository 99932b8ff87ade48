namespace Isotope.Datasets.Formats;

/// <summary>The order in which raw pixels are stored.</summary>
internal enum PixelOrder
{
    /// <summary>Channel by channel, each row by row.</summary>
    Planar,

    /// <summary>Channel by channel, each column by column.</summary>
    PlanarColumns,

    /// <summary>Pixel by pixel, row by row.</summary>
    Interleaved,
}

/// <summary>The shape of images that are stored as raw pixels.</summary>
internal sealed record RawShape(int Width, int Height, int Channels, PixelOrder Order = PixelOrder.Planar)
{
    /// <summary>The number of bytes of an image.</summary>
    public int Length => Width * Height * Channels;

    /// <summary>An image of stored bytes.</summary>
    public PixelImage Decode(byte[] stored)
    {
        var pixels = new byte[stored.Length];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = stored[PlaceOf(i)];
        return new PixelImage(Width, Height, Channels, pixels);
    }

    /// <summary>The bytes to store of an image of this shape.</summary>
    public byte[] Encode(PixelImage image)
    {
        var stored = new byte[image.Pixels.Length];
        for (var i = 0; i < stored.Length; i++)
            stored[PlaceOf(i)] = image.Pixels[i];
        return stored;
    }

    /// <summary>Where the value lies that is at an index of the pixels.</summary>
    private int PlaceOf(int index)
    {
        var (pixel, channel) = (index / Channels, index % Channels);
        return Order switch
        {
            PixelOrder.Planar => channel * Width * Height + pixel,
            PixelOrder.PlanarColumns => channel * Width * Height + pixel % Width * Height + pixel / Width,
            _ => index,
        };
    }
}

/// <summary>An image that is stored as raw pixels in a file.</summary>
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

/// <summary>
/// A format of raw pixels, all images of one size: marked images replace vanilla ones in place, and files keep their size.
/// </summary>
internal abstract class RawFormat : ContainerFormat
{
    /// <inheritdoc/>
    protected override bool HasColumns => false;

    /// <inheritdoc/>
    public override string MarkedId(LabelledImage image, ImageEncoding encoding) => image.Id;

    /// <inheritdoc/>
    public override void Require(ImageEncoding encoding)
    {
        if (encoding.Format is not (ImageFormat.Png or ImageFormat.Original))
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
        var inOrder = replacements.OrderBy(image => SourceOf(image).Offset);
        SourceOf(replacements[0]).Bytes.CopyTo(inOrder.Select(image => (SourceOf(image).Offset, image.Read())), output);

        static RawSource SourceOf(Replacement image) => (RawSource)image.Source;
    }

    /// <summary>Those files of some names that exist beside a file.</summary>
    protected static string[] FilesBeside(string file, string[] names) =>
        [.. names.Select(name => Path.Combine(Path.GetDirectoryName(file)!, name)).Where(File.Exists)];

    /// <summary>The names of the classes, or their numbers if the names are unknown.</summary>
    /// <exception cref="IsotopeException">A label is out of range.</exception>
    protected static IReadOnlyList<string> ClassNamesOf(string root, LabelledImage[] images, string[]? names) =>
        ClassLabels.Of(root, [.. images.Select(image => (long)image.Label)], names).ClassNames;

    /// <summary>Lists the images of a file.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="name">The first part of ids.</param>
    /// <param name="shape">The shape of every image.</param>
    /// <param name="start">The offset of the first image's pixels.</param>
    /// <param name="stride">The distance from one image to the next, in bytes.</param>
    /// <param name="labels">The label of each image.</param>
    protected static IEnumerable<LabelledImage> Images(
        StoredBytes bytes,
        string name,
        RawShape shape,
        long start,
        int stride,
        IEnumerable<int> labels
    ) =>
        labels.Select(
            (label, i) =>
            {
                var id = FormattableString.Invariant($"{name}/{i:D5}");
                return new LabelledImage(id, new RawSource(id, bytes, start + (long)i * stride, shape), label);
            }
        );
}
