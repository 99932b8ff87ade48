using System.Text.Json;
using System.Text.Json.Nodes;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Networks;
using static TorchSharp.torch;

namespace Isotope.Marking;

/// <summary>What marking a dataset takes besides the options of marking an image.</summary>
public sealed record DatasetMarkingOptions
{
    /// <summary>Fraction q of every class that is marked. Default 0.1.</summary>
    public double Fraction { get; init; } = 0.1;

    /// <summary>Write the marked images alone, without copies of the rest. Default false.</summary>
    public bool OnlyMarked { get; init; }

    /// <summary>What the marked images are written as. Default PNG.</summary>
    public ImageFormat Format { get; init; }

    /// <summary>Images marked at a time. Default 64; it bears on speed and memory, never on the result.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>How each image is marked.</summary>
    public MarkingOptions Marking { get; init; } = new();
}

/// <summary>
/// Vanilla dataset + key → radioactive dataset and its manifest. Every finished image is a whole file and a line of a
/// journal, so that an interrupted run goes on where it was.
/// </summary>
public sealed class DatasetMarker
{
    private readonly ImageFolder dataset;
    private readonly CarrierKey key;
    private readonly Network network;
    private readonly DatasetMarkingOptions options;
    private readonly Marker marker;
    private readonly IReadOnlyList<LabelledImage> chosen;

    /// <summary>Checks that dataset, key, network and options fit together.</summary>
    /// <exception cref="IsotopeException">They do not.</exception>
    public DatasetMarker(ImageFolder dataset, CarrierKey key, Network network, DatasetMarkingOptions options)
    {
        if (dataset.ClassNames.Count != key.Classes)
            throw new IsotopeException($"{dataset.Root}: expected {key.Classes} class folders, as many as the key has carriers, found {dataset.ClassNames.Count}");
        if (network.FeatureDimension != key.Dimension)
            throw new IsotopeException($"key: expected dimension {network.FeatureDimension} of the marking network's features, found {key.Dimension}");
        OptionCheck.Require(options.BatchSize >= 1, "--batch", "at least 1", options.BatchSize);
        (this.dataset, this.key, this.network, this.options) = (dataset, key, network, options);
        marker = new Marker(network, options.Marking);
        chosen = ImageSelection.Draw(dataset, key, options.Fraction);
        CheckNames();
    }

    /// <summary>Marks into a new folder, or goes on with an interrupted run; writes the manifest beside the folder.</summary>
    /// <param name="output">Folder to write, image-folder layout.</param>
    /// <param name="progress">Images done, with mean PSNR and displacement.</param>
    /// <param name="cancellation">Checked at every iteration; the journal stays.</param>
    /// <exception cref="IsotopeException">The folder is not empty, an earlier run had other settings, an image can't be read, or no pixel changes.</exception>
    public Manifest Run(string output, IProgress<StageProgress>? progress = null, CancellationToken cancellation = default)
    {
        CheckOutput(output);
        var settings = Settings();
        using var journal = MarkingJournal.Open(MarkingJournal.PathFor(output), settings);
        var done = journal.Done.Where(image => IsIntact(image, output)).ToDictionary(image => image.Id);
        var summary = MarkingSummary.Of(done.Values);
        foreach (var batch in ImageLoader.Batches([.. chosen.Where(image => !done.ContainsKey(image.Id))], options.BatchSize, cancellation))
        {
            var marked = MarkBatch(batch, output, cancellation);
            foreach (var image in marked) done.Add(image.Id, image);
            summary += MarkingSummary.Of(marked);
            if (summary.MaxDifference == 0)
            {
                foreach (var image in marked) File.Delete(Path.Combine(output, image.File));
                journal.Delete();
                throw NothingChanged();
            }

            journal.Append(marked);
            progress?.Report(new StageProgress("marking", done.Count, chosen.Count, summary.ToString()));
        }

        if (!options.OnlyMarked) CopyRest(output, done.Keys, progress, cancellation);
        var manifest = new Manifest(settings, [.. chosen.Select(image => done[image.Id])]);
        manifest.Save(Manifest.PathFor(output));
        journal.Delete();
        return manifest;
    }

    /// <summary>Whether a finished image and its source are still as they were.</summary>
    private bool IsIntact(MarkedImage image, string output)
    {
        var (marked, source) = (Path.Combine(output, image.File), Path.Combine(dataset.Root, image.Id));
        return File.Exists(marked) && Hashes.OfFile(marked) == image.Sha256 && File.Exists(source) && Hashes.OfFile(source) == image.SourceSha256;
    }

    private MarkedImage[] MarkBatch(ImageBatch batch, string output, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var originals = Views.ToTensors(batch.Pixels, network.Device);
        var carriers = key.ToTensor()[tensor(batch.Images.Select(image => (long)image.Label).ToArray())].to(network.Device);
        RandomStream[] streams = [.. batch.Images.Select(image => key.Stream($"views {image.Id}"))];

        var marked = marker.Mark(originals, carriers, streams, cancellation);
        var shift = network.CentreFeatures(marked) - network.CentreFeatures(originals);
        var displacements = (shift * carriers).sum(dim: 1).cpu();
        if (!displacements.isfinite().all().item<bool>())
            throw new IsotopeException("marking network: expected finite features, found others; the checkpoint is damaged");
        return [.. batch.Images.Select((source, i) => Write(
            source, batch.Pixels[i], batch.Pixels[i] with { Pixels = Views.ToBytes(marked[i]) }, displacements[i].item<float>(), output))];
    }

    private MarkedImage Write(LabelledImage source, PixelImage vanilla, PixelImage marked, double displacement, string output)
    {
        var (id, file) = (MarkedId(source), ImageCodec.Encode(marked, options.Format));
        WriteInto(output, id, stream => stream.Write(file));
        var quality = Quality.Compare(vanilla, marked);
        return new MarkedImage(source.Id, id, dataset.ClassNames[source.Label], quality.Psnr, quality.MaxDifference, displacement, Hashes.OfFile(source.Path), Hashes.OfBytes(file), Hashes.OfPixels(marked));
    }

    /// <summary>Untouched byte copies of the images that are not marked.</summary>
    private void CopyRest(string output, IReadOnlyCollection<string> marked, IProgress<StageProgress>? progress, CancellationToken cancellation)
    {
        var markedIds = marked.ToHashSet(StringComparer.Ordinal);
        var rest = dataset.Images.Where(image => !markedIds.Contains(image.Id)).ToArray();
        for (var i = 0; i < rest.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!File.Exists(Path.Combine(output, rest[i].Id)))
            {
                using var source = File.OpenRead(rest[i].Path);
                WriteInto(output, rest[i].Id, source.CopyTo);
            }

            if (i % options.BatchSize == 0 || i == rest.Length - 1) progress?.Report(new StageProgress("copying", i + 1, rest.Length));
        }
    }

    private static void WriteInto(string output, string id, Action<Stream> write)
    {
        var path = Path.Combine(output, id);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        AtomicFile.Write(path, write);
    }

    private string MarkedId(LabelledImage image) => ImageFolder.Stem(image.Id) + ImageCodec.ExtensionOf(options.Format);

    /// <summary>A marked a.jpg becomes a.png, which must not be another image's name.</summary>
    private void CheckNames()
    {
        var names = dataset.Images.Select(image => image.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var image in chosen)
        {
            if (MarkedId(image) != image.Id && !names.Add(MarkedId(image)))
                throw new IsotopeException($"{image.Path}: expected no other image named {MarkedId(image)}, which its marked version is called, found one");
        }
    }

    private void CheckOutput(string output)
    {
        if (Folder(output).StartsWith(Folder(dataset.Root), StringComparison.Ordinal)) throw new IsotopeException($"--out {output}: expected a folder outside the dataset, found one inside it");
        var unfinished = File.Exists(MarkingJournal.PathFor(output));
        if (!unfinished && Directory.Exists(output) && Directory.EnumerateFiles(output, "*", SearchOption.AllDirectories).Any())
            throw new IsotopeException($"--out {output}: expected a new or empty folder, found files that no interrupted run has left");
        if (!unfinished) AtomicFile.RequireNew(Manifest.PathFor(output), "it names the images that an earlier run has marked");
        Directory.CreateDirectory(output);

        static string Folder(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)) + Path.DirectorySeparatorChar;
    }

    private JsonObject Settings() => new()
    {
        ["isotope"] = RunSettings.Version,
        ["dataset"] = new JsonObject { ["images"] = dataset.Images.Count, ["listingSha256"] = Hashes.OfListing(dataset) },
        [Manifest.KeyCommitment] = key.Commitment,
        ["network"] = new JsonObject { ["architecture"] = network.Architecture, ["sha256"] = network.Sha256 },
        ["fraction"] = options.Fraction,
        ["onlyMarked"] = options.OnlyMarked,
        ["format"] = ImageCodec.ExtensionOf(options.Format),
        ["marking"] = JsonSerializer.SerializeToNode(options.Marking, JournalJson.Default.MarkingOptions),
    };

    private IsotopeException NothingChanged() =>
        new(options.Marking.Rate is { } rate
            ? FormattableString.Invariant($"--rate: expected steps that survive rounding, found that {rate} changes no pixel with this network; leave it out or raise it")
            : $"marking network: expected gradients that move pixels, found that {options.Marking.Iterations} iterations change none; raise --iterations");
}
