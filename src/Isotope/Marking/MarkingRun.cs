using System.Globalization;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Datasets.Jpegs;
using Isotope.Datasets.Originals;
using Isotope.Files;
using Isotope.Networks;
using Isotope.Numerics;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Marking;

/// <summary>One image to mark.</summary>
/// <param name="Source">The vanilla image.</param>
/// <param name="File">The path of the radioactive image below the output folder.</param>
/// <param name="Version">0 for the published version; 1 or more for a counterfactual one, whose carrier differs.</param>
internal sealed record MarkingTask(LabelledImage Source, string File, int Version);

/// <summary>
/// Marks images into a folder, batch by batch. Every finished image is a whole file and a line of the journal, so that an interrupted run
/// can be resumed. An image's views depend on the key and the image's id alone.
/// </summary>
/// <param name="dataset">The dataset that the images belong to.</param>
/// <param name="key">The owner's key.</param>
/// <param name="network">The marking network φ₀.</param>
/// <param name="options">How the images are marked.</param>
/// <param name="encode">Encodes a marked image. What is measured are the pixels that a reader of the encoded image will see.</param>
/// <param name="output">The folder.</param>
internal sealed class MarkingRun(
    Dataset dataset,
    CarrierKey key,
    Network network,
    DatasetMarkingOptions options,
    Func<LabelledImage, PixelImage, EncodedImage> encode,
    string output
)
{
    /// <summary>
    /// If no pixel changes in so many images, the settings are at fault. A few images may be black and white, and not change at all.
    /// </summary>
    private const int ImagesToTell = 64;

    private readonly ImageEncoding encoding = options.FileEncoding;
    private readonly Marker marker = new(network, options.Marking with { JpegQuality = options.Encoding.JpegQuality });

    /// <summary>Marks the images that an earlier run has left to do. Cancelled, it drops the current batch.</summary>
    /// <returns>The marked images, in the order of the tasks.</returns>
    /// <exception cref="IsotopeException">An image can't be read or written, or no pixel changes.</exception>
    public IReadOnlyList<MarkedImage> Run(
        IReadOnlyList<MarkingTask> tasks,
        Journal<MarkedImage> journal,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        var (done, summary) = FindDone(tasks, journal, cancellation);
        MarkingTask[] left = [.. tasks.Where(task => !done.Contains(task.File))];
        if (left.Length > 0)
            progress?.Report(new StageProgress("marking", done.Count, tasks.Count)); // the first batch of large images takes minutes
        var next = 0;
        foreach (var batch in ImageLoader.Batches([.. left.Select(task => task.Source)], options.BatchSize, cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
            (MarkingTask, PixelImage)[] images = [.. left.Skip(next).Zip(batch.Pixels)];
            var parts = MemoryShortage.Halving(images, part => MarkBatch(part, cancellation));
            MarkedImage[] marked = [.. parts.SelectMany(part => part)];
            next += marked.Length;
            summary += MarkingSummary.Of(marked);
            if (summary.MaxDifference == 0 && (next >= ImagesToTell || next == left.Length))
            {
                Discard(done.Concat(left.Take(next).Select(task => task.File)), journal);
                throw NothingChanged();
            }

            journal.Append(marked);
            progress?.Report(new StageProgress("marking", done.Count + next, tasks.Count, summary.ToString()));
        }

        var finished = new Dictionary<string, MarkedImage>(StringComparer.Ordinal);
        foreach (var image in journal.Read())
            finished[image.File] = image;
        return [.. tasks.Select(task => finished[task.File])];
    }

    /// <summary>The files that an earlier run has finished, and their figures. A file or source that has changed is not done.</summary>
    private (HashSet<string> Files, MarkingSummary Summary) FindDone(
        IReadOnlyList<MarkingTask> tasks,
        Journal<MarkedImage> journal,
        CancellationToken cancellation
    )
    {
        var sources = tasks.ToDictionary(task => task.File, task => task.Source.Source, StringComparer.Ordinal);
        var files = new HashSet<string>(StringComparer.Ordinal);
        var summary = default(MarkingSummary);
        foreach (var image in journal.Read())
        {
            if (!sources.TryGetValue(image.File, out var source) || !IsIntact(image, source))
                continue;
            cancellation.ThrowIfCancellationRequested();
            files.Add(image.File);
            summary += MarkingSummary.Of([image]);
        }

        return (files, summary);
    }

    /// <summary>Whether a finished image and its source are still as they were.</summary>
    private bool IsIntact(MarkedImage image, ImageSource source)
    {
        var marked = Path.Combine(output, image.File);
        return File.Exists(marked) && Hashes.OfFile(marked) == image.Sha256 && source.Sha256() == image.SourceSha256;
    }

    private MarkedImage[] MarkBatch(IReadOnlyList<(MarkingTask Task, PixelImage Pixels)> batch, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        MarkingTask[] tasks = [.. batch.Select(image => image.Task)];
        PixelImage[] pixels = [.. batch.Select(image => image.Pixels)];
        var originals = Views.ToTensors(pixels, network.Device);
        var carriers = stack(tasks.Select(task => tensor(CarrierOf(task)))).to(network.Device);
        RandomStream[] streams = [.. tasks.Select(task => key.Stream($"views {task.Source.Id}"))];

        JpegChange?[] jpegs = [.. tasks.Select((task, i) => JpegOf(task.Source.Source, pixels[i], originals[i]))];
        var marked = marker.Mark(originals, carriers, streams, jpegs, cancellation);
        EncodedImage[] encoded =
        [
            .. tasks.Select((task, i) => jpegs[i]?.Encoded ?? encode(task.Source, pixels[i] with { Pixels = Views.ToBytes(marked[i]) })),
        ];
        var seen = Views.ToTensors([.. encoded.Select(image => image.Pixels)], network.Device);
        var shift = network.CentreFeatures(seen) - network.CentreFeatures(originals);
        var displacements = (shift * carriers).sum(dim: 1).cpu();
        if (!displacements.isfinite().all().item<bool>())
            throw new IsotopeException("marking network: expected finite features, found others; the checkpoint is damaged");
        return [.. tasks.Select((task, i) => Write(task, pixels[i], encoded[i], displacements[i].item<float>()))];
    }

    /// <summary>The change of an image that stays a JPEG; null for others.</summary>
    private JpegChange? JpegOf(ImageSource source, PixelImage vanilla, Tensor original)
    {
        if (encoding.Format != ImageFormat.Original)
            return null;
        var file = encoding.Copy(source);
        if (!encoding.KeepsJpeg(source, file))
            return null;
        var (kept, had) = ImageMetadata.WithoutCredentials(file);
        var changed = had ? ImageMetadata.CredentialsDropped : null;
        return new JpegChange(source.Name, JpegFile.Read(source.Name, kept), vanilla, original, options.Marking) { Changed = changed };
    }

    /// <summary>The direction along which an image is marked: d values, unit norm.</summary>
    private float[] CarrierOf(MarkingTask task)
    {
        if (options.Unit == MarkUnit.Image)
            return key.TwinCarrier(task.Source.Id, task.Version).ToArray();
        return task.Version == 0
            ? key.Carrier(task.Source.Label).ToArray()
            : key.CounterfactualCarrier(task.Source.Label, task.Version).ToArray();
    }

    private MarkedImage Write(MarkingTask task, PixelImage vanilla, EncodedImage marked, double displacement)
    {
        AtomicFile.WriteBelow(output, task.File, stream => stream.Write(marked.Bytes));
        var quality = Quality.Compare(vanilla, marked.Pixels);
        return new MarkedImage(
            task.Source.Id,
            task.File,
            dataset.ClassNames[task.Source.Label],
            quality.Psnr,
            quality.MaxDifference,
            displacement,
            task.Source.Source.Sha256(),
            Hashes.OfBytes(marked.Bytes),
            marked.Pixels.Sha256(),
            Convert.ToBase64String(Thumbnail.Of(vanilla))
        )
        {
            Changed = marked.Changed,
        };
    }

    private void Discard(IEnumerable<string> files, Journal<MarkedImage> journal)
    {
        foreach (var file in files)
            File.Delete(Path.Combine(output, file));
        journal.Delete();
    }

    private IsotopeException NothingChanged()
    {
        if (options.Marking.Rate is not { } rate)
            return new IsotopeException(
                $"marking network: expected gradients that move pixels, found that {options.Marking.Iterations} iterations change "
                    + "none; raise --iterations"
            );
        var found = string.Create(CultureInfo.InvariantCulture, $"{rate} changes no pixel with this network");
        return new IsotopeException($"--rate: expected steps that survive rounding, found that {found}; leave it out or raise it");
    }
}
