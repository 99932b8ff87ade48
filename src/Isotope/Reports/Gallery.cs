using Isotope.Datasets;

namespace Isotope.Reports;

/// <summary>Marked images beside their originals: at full resolution, of large images the centre.</summary>
internal static class Gallery
{
    private const int Shown = 9;
    private const int Side = 112;
    private const int Amplified = 10;

    /// <summary>Images from the lowest PSNR to the highest, evenly spaced in that order: nobody picks them.</summary>
    public static IReadOnlyList<MarkedImage> Choose(Manifest manifest)
    {
        var ordered = manifest
            .Images.OrderBy(image => image.Psnr ?? double.PositiveInfinity)
            .ThenBy(image => image.Id, StringComparer.Ordinal)
            .ToArray();
        return ordered.Length <= Shown
            ? ordered
            : [.. Enumerable.Range(0, Shown).Select(i => ordered[(int)((long)i * (ordered.Length - 1) / (Shown - 1))])];
    }

    /// <summary>The gallery of a manifest's images.</summary>
    /// <exception cref="IsotopeException">An image is missing or can't be read.</exception>
    public static Html Of(Manifest manifest, Dataset originals, Dataset marked)
    {
        var (vanilla, published) = (ById(originals), ById(marked));
        return Html.Of(
            $"""
            <p class="soft">{Choose(
                manifest
            ).Count} of {manifest.Images.Count:N0} marked images, from the lowest PSNR to the highest, evenly spaced in that order. The slider uncovers the marked image over its original; the small picture is
            their difference × {Amplified}.</p>
            <ul class="gallery">{Choose(manifest).Select(
                (image, i) => Item(image, i, Find(vanilla, image.Id, originals.Root), Find(published, image.File, marked.Root))
            )}</ul>
            """
        );
    }

    private static Dictionary<string, LabelledImage> ById(Dataset dataset) =>
        dataset
            .Images.GroupBy(image => Dataset.Stem(image.Id), StringComparer.Ordinal)
            .ToDictionary(images => images.Key, images => images.First(), StringComparer.Ordinal);

    private static PixelImage Find(Dictionary<string, LabelledImage> images, string id, string root) =>
        images.TryGetValue(Dataset.Stem(id), out var image)
            ? image.Source.Decode()
            : throw new IsotopeException($"{root}: expected image {id} of the manifest, found none");

    private static Html Item(MarkedImage image, int index, PixelImage vanilla, PixelImage marked)
    {
        if (!marked.SameShapeAs(vanilla))
            vanilla =
                vanilla.Width == marked.Width && vanilla.Height == marked.Height
                    ? ToChannels(vanilla, marked.Channels)
                    : throw new IsotopeException(
                        $"{image.Id}: expected an original of {marked.Width} × {marked.Height}, found {vanilla.Width} × {vanilla.Height}"
                    );
        var (original, changed) = (Centre(vanilla), Centre(marked));
        var difference = original with
        {
            Pixels = [.. original.Pixels.Zip(changed.Pixels, (a, b) => (byte)Math.Clamp(128 + Amplified * (b - a), 0, 255))],
        };
        return Html.Of(
            $"""
            <li><div class="compare"><img src="{Html.Trusted(
                Source(original)
            )}" alt="Original of {image.Id}"><img class="marked" src="{Html.Trusted(Source(changed))}" alt="Marked {image.Id}"></div>
            <label class="soft" for="slider-{index}">original – marked</label><input type="range" id="slider-{index}" min="0" max="100" value="50">
            <div class="pair"><img class="difference" src="{Html.Trusted(
                Source(difference)
            )}" alt="Difference of {image.Id}, ten times"><p>{image.Id}<br>{image.ClassName}<br>{image.Psnr:F1} dB, at most "
                                                        + "{image.MaxDifference} grey levels</p></div></li>
            """
        );
    }

    private static PixelImage ToChannels(PixelImage image, int channels) =>
        new(
            image.Width,
            image.Height,
            channels,
            [
                .. image
                    .Pixels.Chunk(image.Channels)
                    .SelectMany(pixel => Enumerable.Range(0, channels).Select(c => pixel[Math.Min(c, pixel.Length - 1)])),
            ]
        );

    private static PixelImage Centre(PixelImage image)
    {
        var (width, height) = (Math.Min(Side, image.Width), Math.Min(Side, image.Height));
        var (left, top) = ((image.Width - width) / 2, (image.Height - height) / 2);
        var pixels = Enumerable
            .Range(top, height)
            .SelectMany(y => new ArraySegment<byte>(image.Pixels, (y * image.Width + left) * image.Channels, width * image.Channels));
        return new PixelImage(width, height, image.Channels, [.. pixels]);
    }

    private static string Source(PixelImage image) => $"data:image/png;base64,{Convert.ToBase64String(ImageCodec.EncodePng(image))}";
}
