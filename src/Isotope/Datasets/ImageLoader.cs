namespace Isotope.Datasets;

/// <summary>Images of a dataset, decoded.</summary>
/// <param name="Images">Where they come from, in the order asked for.</param>
/// <param name="Pixels">Their pixels, in the same order; sizes may differ.</param>
public sealed record ImageBatch(IReadOnlyList<LabelledImage> Images, IReadOnlyList<PixelImage> Pixels);

/// <summary>Streams decoded batches: one batch is decoded in the background while the caller works on the one before.</summary>
public static class ImageLoader
{
    /// <summary>Pixels after which a batch ends: some 100 MB, however large the images are.</summary>
    private const long MostPixels = 1 << 25;

    /// <summary>
    /// The images in the order given, in batches of <paramref name="batchSize"/>, or fewer where they are large; the last may be smaller.
    /// </summary>
    /// <exception cref="IsotopeException">An image can't be decoded.</exception>
    public static IEnumerable<ImageBatch> Batches(
        IReadOnlyList<LabelledImage> images,
        int batchSize,
        CancellationToken cancellation = default
    ) => Batches(images, batchSize, MostPixels, cancellation);

    /// <summary>As <see cref="Batches(IReadOnlyList{LabelledImage}, int, CancellationToken)"/>.</summary>
    /// <param name="images">What to decode.</param>
    /// <param name="batchSize">Most images of a batch.</param>
    /// <param name="mostPixels">A batch ends with the image that reaches this; <see cref="long.MaxValue"/> where all must have their
    /// size.</param>
    /// <param name="cancellation">Checked at every image.</param>
    /// <exception cref="IsotopeException">An image can't be decoded.</exception>
    public static IEnumerable<ImageBatch> Batches(
        IReadOnlyList<LabelledImage> images,
        int batchSize,
        long mostPixels,
        CancellationToken cancellation
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        var next = DecodeAsync(0);
        for (var done = 0; done < images.Count; )
        {
            var batch = next.GetAwaiter().GetResult();
            done += batch.Images.Count;
            next = DecodeAsync(done);
            yield return batch;
        }

        Task<ImageBatch> DecodeAsync(int start) =>
            Task.Run(() => Decode(images, start, Math.Min(batchSize, images.Count - start), mostPixels, cancellation), cancellation);
    }

    private static ImageBatch Decode(
        IReadOnlyList<LabelledImage> images,
        int start,
        int count,
        long mostPixels,
        CancellationToken cancellation
    )
    {
        var decoded = new List<PixelImage>(count);
        for (var pixels = 0L; decoded.Count < count && pixels < mostPixels; pixels += (long)decoded[^1].Width * decoded[^1].Height)
        {
            cancellation.ThrowIfCancellationRequested();
            decoded.Add(images[start + decoded.Count].Source.Decode());
        }

        return new ImageBatch([.. images.Skip(start).Take(decoded.Count)], decoded);
    }
}
