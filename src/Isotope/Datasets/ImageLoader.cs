namespace Isotope.Datasets;

/// <summary>A batch of decoded images.</summary>
/// <param name="Images">The images of the dataset, in the order asked for.</param>
/// <param name="Pixels">Their pixels, in the same order; sizes may differ.</param>
internal sealed record ImageBatch(IReadOnlyList<LabelledImage> Images, IReadOnlyList<PixelImage> Pixels);

/// <summary>Decodes images batch by batch: the next batch is decoded in the background while the caller works on the current one.</summary>
internal static class ImageLoader
{
    /// <summary>A batch ends after so many pixels (about 100 MB), however large the images are.</summary>
    private const long MostPixels = 1 << 25;

    /// <summary>
    /// The images in the given order, in batches of <paramref name="batchSize"/>, or of fewer if the images are large. The last batch may
    /// be smaller too.
    /// </summary>
    /// <exception cref="IsotopeException">An image can't be decoded.</exception>
    public static IEnumerable<ImageBatch> Batches(
        IReadOnlyList<LabelledImage> images,
        int batchSize,
        CancellationToken cancellation = default
    ) => Batches(images, batchSize, MostPixels, cancellation);

    /// <summary>Like <see cref="Batches(IReadOnlyList{LabelledImage}, int, CancellationToken)"/>, with another limit of pixels.</summary>
    /// <param name="images">The images to decode.</param>
    /// <param name="batchSize">The most images in a batch.</param>
    /// <param name="mostPixels">A batch ends with the image that reaches so many pixels; <see cref="long.MaxValue"/> for no limit.</param>
    /// <param name="cancellation">Checked before every image.</param>
    /// <exception cref="IsotopeException">An image can't be decoded.</exception>
    public static IEnumerable<ImageBatch> Batches(
        IReadOnlyList<LabelledImage> images,
        int batchSize,
        long mostPixels,
        CancellationToken cancellation
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        var next = DecodeFrom(0);
        for (var done = 0; done < images.Count; )
        {
            var batch = next.GetAwaiter().GetResult();
            done += batch.Images.Count;
            next = DecodeFrom(done);
            yield return batch;
        }

        Task<ImageBatch> DecodeFrom(int start)
        {
            var count = Math.Min(batchSize, images.Count - start);
            return Task.Run(() => Decode(images, start, count, mostPixels, cancellation), cancellation);
        }
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
        var pixels = 0L;
        while (decoded.Count < count && pixels < mostPixels)
        {
            cancellation.ThrowIfCancellationRequested();
            var image = images[start + decoded.Count].Source.Decode();
            decoded.Add(image);
            pixels += (long)image.Width * image.Height;
        }

        return new ImageBatch([.. images.Skip(start).Take(decoded.Count)], decoded);
    }
}
