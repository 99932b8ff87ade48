using Isotope.Datasets;

namespace Isotope.Detection;

/// <summary>
/// Keeps radioactive images out of the alignment: they depend on the carriers, and would make the p-value wrong. They are recognised by
/// their pixels, wherever they lie and however they are encoded, and, recompressed or resized, by looking like their vanilla originals.
/// What is left out for its looks is chosen by vanilla images alone, so that the choice does not depend on the carriers.
/// </summary>
public static class VanillaGuard
{
    /// <summary>
    /// Distance of thumbnails, grey levels, up to which an image looks like another; docs/reliability.md has the figures.
    /// </summary>
    internal const double MostDistance = 5;

    /// <summary>Datasets hold near-duplicates; more than this share of them is no accident.</summary>
    private const double MostLeftOut = 0.02;

    /// <summary>
    /// Refuses a dataset with a marked image in it, and leaves out what looks like one but is not its vanilla original, byte for byte.
    /// </summary>
    /// <returns>The images that may be used.</returns>
    /// <exception cref="IsotopeException">An image is marked, or too many look like marked ones.</exception>
    public static Dataset Keep(Dataset images, Manifest manifest, CancellationToken cancellation = default)
    {
        var marked = manifest.Images.Select(image => image.PixelsSha256).ToHashSet(StringComparer.Ordinal);
        var originals = manifest.Images.Select(image => image.SourceSha256).ToHashSet(StringComparer.Ordinal);
        var looks = new Looks(manifest.Images.Select(image => Thumbnail.Parse(image.Thumbnail)).OfType<byte[]>());
        var kept = new List<LabelledImage>(images.Images.Count);
        foreach (var image in images.Images)
        {
            cancellation.ThrowIfCancellationRequested();
            var pixels = image.Source.Decode();
            if (marked.Contains(pixels.Sha256()))
                throw new IsotopeException(
                    $"{image.Source.Name}: expected a vanilla image, found one that the manifest says is marked; marked images would "
                        + "bias the p-value"
                );
            if (!looks.Like(Thumbnail.Of(pixels)) || originals.Contains(image.Source.Sha256()))
                kept.Add(image);
        }

        var leftOut = images.Images.Count - kept.Count;
        return leftOut <= MostLeftOut * images.Images.Count
            ? images with
            {
                Images = kept,
            }
            : throw new IsotopeException(
                $"{images.Root}: expected vanilla images, found {leftOut} of {images.Images.Count} that look like marked ones, such as "
                    + $"{images.Images.Except(kept).First().Source.Name}; give other images, or the originals as they were marked"
            );
    }

    /// <summary>Thumbnails by their mean, of which near ones differ little.</summary>
    private sealed class Looks
    {
        private readonly (double Mean, byte[] Values)[] sorted;
        private readonly double[] means;

        public Looks(IEnumerable<byte[]> thumbnails)
        {
            sorted = [.. thumbnails.Select(values => (values.Average(value => value), values)).OrderBy(pair => pair.Item1)];
            means = [.. sorted.Select(pair => pair.Mean)];
        }

        public bool Like(byte[] thumbnail)
        {
            var mean = thumbnail.Average(value => value);
            var first = Array.BinarySearch(means, mean - MostDistance);
            for (var i = first < 0 ? ~first : first; i < sorted.Length && means[i] <= mean + MostDistance; i++)
                if (Thumbnail.Distance(thumbnail, sorted[i].Values) <= MostDistance)
                    return true;
            return false;
        }
    }
}
