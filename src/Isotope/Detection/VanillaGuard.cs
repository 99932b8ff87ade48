using Isotope.Datasets;

namespace Isotope.Detection;

/// <summary>
/// Keeps marked images out of the alignment: they depend on the carriers and would make the p-value wrong. They are recognised by their
/// pixels, wherever they lie and however they are encoded, and, if they were recompressed or resized, because they look like their vanilla
/// originals. Which images are left out for their looks follows from vanilla images alone, so the choice does not depend on the carriers.
/// </summary>
internal static class VanillaGuard
{
    /// <summary>
    /// Largest distance of two thumbnails, in grey levels, at which images look alike; docs/reliability.md has the figures.
    /// </summary>
    internal const double MostDistance = 5;

    /// <summary>Datasets contain near-duplicates, but a larger share of look-alikes than this is no accident.</summary>
    private const double MostLeftOut = 0.02;

    /// <summary>
    /// Refuses a dataset with a marked image in it. Leaves out images that look like a marked one without being its vanilla original, byte
    /// for byte.
    /// </summary>
    /// <returns>The images that may be used.</returns>
    /// <exception cref="IsotopeException">An image is marked, or too many look like marked ones.</exception>
    public static Dataset Keep(Dataset images, Manifest manifest, CancellationToken cancellation = default)
    {
        var marked = manifest.Images.Select(image => image.PixelsSha256).ToHashSet(StringComparer.Ordinal);
        var originals = manifest.Images.Select(image => image.SourceSha256).ToHashSet(StringComparer.Ordinal);
        var lookAlikes = new ThumbnailIndex(manifest.Images.Select(image => Thumbnail.Parse(image.Thumbnail)).OfType<byte[]>());
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
            if (!lookAlikes.Contain(Thumbnail.Of(pixels)) || originals.Contains(image.Source.Sha256()))
                kept.Add(image);
        }

        RequireFewLeftOut(images, kept);
        return images with { Images = kept };
    }

    private static void RequireFewLeftOut(Dataset images, List<LabelledImage> kept)
    {
        var leftOut = images.Images.Count - kept.Count;
        if (leftOut > MostLeftOut * images.Images.Count)
            throw new IsotopeException(
                $"{images.Root}: expected vanilla images, found {leftOut} of {images.Images.Count} that look like marked ones, such as "
                    + $"{images.Images.Except(kept).First().Source.Name}; give other images, or the originals as they were marked"
            );
    }

    /// <summary>Thumbnails sorted by their mean, which is close for thumbnails that are close.</summary>
    private sealed class ThumbnailIndex
    {
        private readonly byte[][] sorted;
        private readonly double[] means;

        public ThumbnailIndex(IEnumerable<byte[]> thumbnails)
        {
            sorted = [.. thumbnails.OrderBy(Mean)];
            means = [.. sorted.Select(Mean)];
        }

        /// <summary>Whether one of them is within <see cref="MostDistance"/>.</summary>
        public bool Contain(byte[] thumbnail)
        {
            var mean = Mean(thumbnail);
            var found = Array.BinarySearch(means, mean - MostDistance);
            var first = found < 0 ? ~found : found;
            for (var i = first; i < sorted.Length && means[i] <= mean + MostDistance; i++)
                if (Thumbnail.Distance(thumbnail, sorted[i]) <= MostDistance)
                    return true;
            return false;
        }

        private static double Mean(byte[] thumbnail) => thumbnail.Average(value => value);
    }
}
