using Isotope.Datasets;

namespace Isotope.Reports;

/// <summary>Marked images beside their originals, at full resolution; only the centre of large images is shown.</summary>
internal static class Gallery
{
    private const int Shown = 9;
    private const int Side = 112;
    private const int Amplified = 10;

    /// <summary>Images from the lowest PSNR to the highest, evenly spaced in that order, so that nobody can pick them.</summary>
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
        var vanilla = ById(originals);
        var published = ById(marked);
        var chosen = Choose(manifest);
        var items = chosen.Select(
            (image, i) => Item(image, i, Find(vanilla, image.Id, originals.Root), Find(published, image.File, marked.Root))
        );
        return Html.Of(
            $"""
            <p class="soft">{chosen.Count} of {manifest.Images.Count:N0} marked images, from the lowest PSNR to the highest, evenly spaced
            in that order. The slider uncovers the marked image over its original; the small picture is
            their difference × {Amplified}.</p>
            <ul class="gallery">{items}</ul>
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
        var original = Centre(InShapeOf(marked, vanilla, image.Id));
        var changed = Centre(marked);
        var below = Html.Of($"""<img src="{Source(original)}" alt="Original of {image.Id}">""");
        var above = Html.Of($"""<img class="marked" src="{Source(changed)}" alt="Marked {image.Id}">""");
        var difference = Source(Difference(original, changed));
        return Html.Of(
            $"""
            <li><div class="compare">{below}{above}</div>
            <label class="soft" for="slider-{index}">original – marked</label>
            <input type="range" id="slider-{index}" min="0" max="100" value="50">
            <div class="pair"><img class="difference" src="{difference}" alt="Difference of {image.Id}, ten times">
            <p>{image.Id}<br>{image.ClassName}<br>{image.Psnr:F1} dB, at most {image.MaxDifference} grey levels</p></div></li>
            """
        );
    }

    /// <summary>The original with as many channels as the marked image.</summary>
    private static PixelImage InShapeOf(PixelImage marked, PixelImage original, string id)
    {
        if (original.Width != marked.Width || original.Height != marked.Height)
            throw new IsotopeException(
                $"{id}: expected an original of {marked.Width} × {marked.Height}, found {original.Width} × {original.Height}"
            );
        if (original.Channels == marked.Channels)
            return original;
        var channels = Enumerable.Range(0, marked.Channels);
        var pixels = original
            .Pixels.Chunk(original.Channels)
            .SelectMany(pixel => channels.Select(channel => pixel[Math.Min(channel, pixel.Length - 1)]));
        return new PixelImage(original.Width, original.Height, marked.Channels, [.. pixels]);
    }

    private static PixelImage Difference(PixelImage original, PixelImage marked)
    {
        var pixels = original.Pixels.Zip(marked.Pixels, (a, b) => (byte)Math.Clamp(128 + Amplified * (b - a), 0, 255));
        return original with { Pixels = [.. pixels] };
    }

    private static PixelImage Centre(PixelImage image)
    {
        var width = Math.Min(Side, image.Width);
        var height = Math.Min(Side, image.Height);
        var left = (image.Width - width) / 2;
        var top = (image.Height - height) / 2;
        var rows = Enumerable.Range(top, height);
        return new PixelImage(width, height, image.Channels, [.. rows.SelectMany(Row)]);

        IEnumerable<byte> Row(int y)
        {
            var start = (y * image.Width + left) * image.Channels;
            return new ArraySegment<byte>(image.Pixels, start, width * image.Channels);
        }
    }

    /// <summary>The image as a data URL, which needs no encoding.</summary>
    private static Html Source(PixelImage image) =>
        Html.Trusted($"data:image/png;base64,{Convert.ToBase64String(ImageCodec.EncodePng(image))}");
}
