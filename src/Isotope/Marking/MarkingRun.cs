using System.Globalization;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Files;
using Isotope.Networks;
using Isotope.Numerics;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Marking;

/// <summary>One image to mark: where it comes from, where it goes, and in which version.</summary>
/// <param name="Source">Vanilla image.</param>
/// <param name="File">Path of the radioactive image below the output folder.</param>
/// <param name="Version">0 for the published version, else a counterfactual one: which of a twin's two directions.</param>
internal sealed record MarkingTask(LabelledImage Source, string File, int Version);

/// <summary>
/// Marks images into a folder, batch by batch. Every finished image is a whole file and a line of the journal, so that an
/// interrupted run goes on where it was. An image's views depend on the key and the image's id alone.
/// </summary>
/// <param name="dataset">What is marked.</param>
/// <param name="key">The owner's key.</param>
/// <param name="network">Marking network φ₀.</param>
/// <param name="options">How.</param>
/// <param name="encode">What is written of an image, and the pixels that a reader will see: these are what is measured.</param>
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
    /// <summary>Images of which some pixel changes, unless the settings change none at all; one alone may be black and white.</summary>
    private const int ImagesToTell = 64;

    private readonly Marker marker = new(network, options.Marking with { JpegQuality = options.Encoding.JpegQuality });

    /// <summary>Does what an earlier run has left to do; cancelled, it leaves the batch that it is at.</summary>
    /// <returns>The marked images in the order of the tasks.</returns>
    /// <exception cref="IsotopeException">An image can't be read or written, or no pixel changes.</exception>
    public IReadOnlyList<MarkedImage> Run(
        IReadOnlyList<MarkingTask> tasks,
        Journal<MarkedImage> journal,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        var sources = tasks.ToDictionary(task => task.File, task => task.Source.Source, StringComparer.Ordinal);
        var done = new HashSet<string>(StringComparer.Ordinal);
        var summary = default(MarkingSummary);
        foreach (var image in journal.Read().Where(image => sources.TryGetValue(image.File, out var source) && IsIntact(image, source)))
        {
            cancellation.ThrowIfCancellationRequested();
            done.Add(image.File);
            summary += MarkingSummary.Of([image]);
        }

        MarkingTask[] left = [.. tasks.Where(task => !done.Contains(task.File))];
        var next = 0;
        if (left.Length > 0)
            progress?.Report(new StageProgress("marking", done.Count, tasks.Count)); // of large images a batch takes minutes
        var batches = ImageLoader.Batches([.. left.Select(task => task.Source)], options.BatchSize, cancellation);
        foreach (var batch in batches)
        {
            cancellation.ThrowIfCancellationRequested();
            MarkedImage[] marked =
            [
                .. MemoryShortage
                    .Halving([.. left.Skip(next).Zip(batch.Pixels)], images => MarkBatch(images, cancellation))
                    .SelectMany(part => part),
            ];
            next += marked.Length;
            summary += MarkingSummary.Of(marked);
            if (summary.MaxDifference == 0 && (next >= ImagesToTell || next == left.Length))
            {
                foreach (var file in done.Concat(left.Take(next).Select(task => task.File)))
                    File.Delete(Path.Combine(output, file));
                journal.Delete();
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

    /// <summary>Writes a file of the output whole, with the folders above it.</summary>
    public static void WriteInto(string output, string file, Action<Stream> write)
    {
        var path = Path.Combine(output, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        AtomicFile.Write(path, write);
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

        var marked = marker.Mark(originals, carriers, streams, cancellation);
        EncodedImage[] written = [.. tasks.Select((task, i) => encode(task.Source, pixels[i] with { Pixels = Views.ToBytes(marked[i]) }))];
        var shift =
            network.CentreFeatures(Views.ToTensors([.. written.Select(image => image.Pixels)], network.Device))
            - network.CentreFeatures(originals);
        var displacements = (shift * carriers).sum(dim: 1).cpu();
        if (!displacements.isfinite().all().item<bool>())
            throw new IsotopeException("marking network: expected finite features, found others; the checkpoint is damaged");
        return [.. tasks.Select((task, i) => Write(task, pixels[i], written[i], displacements[i].item<float>()))];
    }

    /// <summary>Unit direction of dimension d.</summary>
    private float[] CarrierOf(MarkingTask task) =>
        (options.Unit, task.Version) switch
        {
            (MarkUnit.Image, var version) => key.TwinCarrier(task.Source.Id, version).ToArray(),
            (_, 0) => key.Carrier(task.Source.Label).ToArray(),
            (_, var version) => key.CounterfactualCarrier(task.Source.Label, version).ToArray(),
        };

    private MarkedImage Write(MarkingTask task, PixelImage vanilla, EncodedImage marked, double displacement)
    {
        var source = task.Source;
        WriteInto(output, task.File, stream => stream.Write(marked.Bytes));
        var quality = Quality.Compare(vanilla, marked.Pixels);
        return new MarkedImage(
            source.Id,
            task.File,
            dataset.ClassNames[source.Label],
            quality.Psnr,
            quality.MaxDifference,
            displacement,
            source.Source.Sha256(),
            Hashes.OfBytes(marked.Bytes),
            marked.Pixels.Sha256(),
            Convert.ToBase64String(Thumbnail.Of(vanilla))
        );
    }

    private IsotopeException NothingChanged() =>
        new(
            options.Marking.Rate is { } rate
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"--rate: expected steps that survive rounding, found that {rate} changes no pixel with this network; leave it out "
                        + $"or raise it"
                )
                : $"marking network: expected gradients that move pixels, found that {options.Marking.Iterations} iterations change "
                    + "none; raise --iterations"
        );
}
