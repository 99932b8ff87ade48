namespace Isotope.Datasets;

/// <summary>Images of a dataset, decoded.</summary>
/// <param name="Images">Where they come from, in the order asked for.</param>
/// <param name="Pixels">Their pixels, in the same order; sizes may differ.</param>
public sealed record ImageBatch(IReadOnlyList<LabelledImage> Images, IReadOnlyList<PixelImage> Pixels);

/// <summary>Streams decoded batches: one batch is decoded in the background while the caller works on the one before.</summary>
public static class ImageLoader
{
    /// <summary>The images in the order given, in batches of <paramref name="batchSize"/>; the last may be smaller.</summary>
    /// <exception cref="IsotopeException">An image can't be decoded.</exception>
    public static IEnumerable<ImageBatch> Batches(IReadOnlyList<LabelledImage> images, int batchSize, CancellationToken cancellation = default)
    {
        var chunks = images.Chunk(batchSize).ToArray();
        var next = chunks.Length > 0 ? DecodeAsync(chunks[0], cancellation) : null;
        for (var i = 1; next is not null; i++)
        {
            var batch = next.GetAwaiter().GetResult();
            next = i < chunks.Length ? DecodeAsync(chunks[i], cancellation) : null;
            yield return batch;
        }
    }

    private static Task<ImageBatch> DecodeAsync(LabelledImage[] images, CancellationToken cancellation) =>
        Task.Run(() => new ImageBatch(images, [.. images.Select(image => Decode(image, cancellation))]), cancellation);

    private static PixelImage Decode(LabelledImage image, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return image.Source.Decode();
    }
}
