using System.Text.Json.Nodes;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Files;
using Isotope.Networks;
using Isotope.Runs;

namespace Isotope.Marking;

/// <summary>
/// Vanilla dataset + key → radioactive dataset and its manifest; an interrupted run goes on where it was (<see cref="MarkingRun"/>).
/// </summary>
public sealed class DatasetMarker
{
    private readonly Dataset dataset;
    private readonly CarrierKey key;
    private readonly Network network;
    private readonly DatasetMarkingOptions options;
    private readonly IReadOnlyList<LabelledImage> chosen;
    private readonly MarkedOutput form;

    /// <summary>Checks that dataset, key, network and options fit together.</summary>
    /// <exception cref="IsotopeException">They do not.</exception>
    public DatasetMarker(Dataset dataset, CarrierKey key, Network network, DatasetMarkingOptions options)
    {
        if (dataset.ClassNames.Count != key.Classes)
            throw new IsotopeException(
                $"{dataset.Root}: expected {key.Classes} classes, as many as the key has carriers, found {dataset.ClassNames.Count}"
            );
        key.RequireDimension(network.FeatureDimension);
        options.Validate();
        (this.dataset, this.key, this.network, this.options) = (dataset, key, network, options);
        chosen = ImageSelection.Draw(dataset, key, options.Fraction);
        form = MarkedOutput.Of(dataset, options);
        CheckNames();
    }

    /// <summary>Marks into a new folder, or goes on with an interrupted run; writes the manifest beside the folder.</summary>
    /// <param name="output">Folder to write, in the dataset's format unless the options say otherwise.</param>
    /// <param name="progress">Images done, with mean PSNR and displacement.</param>
    /// <param name="cancellation">Checked at every iteration; the journal stays.</param>
    /// <exception cref="IsotopeException">The folder is not empty, an earlier run had other settings, an image can't be read, or no pixel
    /// changes.</exception>
    public Manifest Run(string output, IProgress<StageProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var claim = OutputLock.Take(output);
        CheckOutput(output, shard: null);
        var settings = Settings();
        using var journal = MarkingJournal.Open(MarkingJournal.PathFor(output), settings);
        var manifest = ReadFinished(Manifest.PathFor(output), settings) ?? MarkAll(output, settings, journal, progress, cancellation);
        MarkedOutput.Clean(output);
        journal.Delete();
        return manifest;
    }

    private Manifest MarkAll(
        string output,
        JsonObject settings,
        Journal<MarkedImage> journal,
        IProgress<StageProgress>? progress,
        CancellationToken cancellation
    )
    {
        var marked = Mark(chosen, output, journal, progress, cancellation);
        form.Assemble(output, [.. chosen.Zip(marked)], progress, cancellation);
        var manifest = new Manifest(settings, marked);
        manifest.Save(Manifest.PathFor(output));
        return manifest;
    }

    /// <summary>
    /// Marks a share of the images, or goes on with it; several processes may do so at the same time, on machines that share the folder.
    /// When all are done, <see cref="ShardMerger"/> makes of it what <see cref="Run"/> would have made, byte for byte.
    /// </summary>
    /// <param name="shard">Which share.</param>
    /// <param name="output">As for <see cref="Run"/>; the same for all shards.</param>
    /// <param name="progress">Images done, with mean PSNR and displacement.</param>
    /// <param name="cancellation">Checked at every iteration; the journal stays.</param>
    /// <returns>What this shard has marked.</returns>
    /// <exception cref="IsotopeException">As for <see cref="Run"/>, or there are shards of another split.</exception>
    public Manifest RunShard(
        Shard shard,
        string output,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        using var claim = OutputLock.Take(AtomicFile.Beside(output, $".{shard}"));
        CheckOutput(output, shard);
        var (settings, path) = (ShardFiles.SettingsOf(shard, Settings()), ShardFiles.ManifestFor(output, shard));
        ShardFiles.RequireAlike(output, shard, settings);
        using var journal = MarkingJournal.Open(ShardFiles.JournalFor(output, shard), settings);
        var manifest =
            ReadFinished(path, settings) ?? new Manifest(settings, Mark(shard.Of(chosen), output, journal, progress, cancellation));
        manifest.Save(path);
        journal.Delete();
        return manifest;
    }

    /// <summary>Writes each marked image as a file of its own; what is complete is in the journal.</summary>
    private IReadOnlyList<MarkedImage> Mark(
        IReadOnlyList<LabelledImage> share,
        string output,
        Journal<MarkedImage> journal,
        IProgress<StageProgress>? progress,
        CancellationToken cancellation
    )
    {
        MarkingTask[] tasks = [.. share.Select(image => new MarkingTask(image, form.MarkedId(image), Version: 0))];
        return new MarkingRun(dataset, key, network, options, form.Encode, form.FolderOfMarked(output)).Run(
            tasks,
            journal,
            progress,
            cancellation
        );
    }

    /// <summary>
    /// The journal of a run that has not finished an output, or what its shards have left to be merged; null where there is none.
    /// </summary>
    public static string? Unfinished(string output)
    {
        if (File.Exists(MarkingJournal.PathFor(output)))
            return MarkingJournal.PathFor(output);
        if (ShardFiles.Of(output) is not [var shard, ..])
            return null;
        return File.Exists(ShardFiles.JournalFor(output, shard))
            ? ShardFiles.JournalFor(output, shard)
            : ShardFiles.ManifestFor(output, shard);
    }

    /// <summary>The manifest of a finished run with the same settings; null where there is none.</summary>
    /// <exception cref="IsotopeException">There is one with other settings.</exception>
    public Manifest? Finished(string output) =>
        File.Exists(MarkingJournal.PathFor(output)) ? null : ReadFinished(Manifest.PathFor(output), Settings());

    private static Manifest? ReadFinished(string path, JsonObject settings)
    {
        if (!File.Exists(path))
            return null;
        var manifest = Manifest.Load(path);
        RunSettings.RequireSame(path, manifest.Settings, settings);
        return manifest;
    }

    /// <summary>A marked a.jpg becomes a.png, which must not be another image's name.</summary>
    private void CheckNames()
    {
        var names = dataset.Images.Except(chosen).Select(form.UnmarkedId).ToHashSet(StringComparer.Ordinal);
        foreach (var image in chosen)
        {
            if (!names.Add(form.MarkedId(image)))
                throw new IsotopeException(
                    $"{image.Source.Name}: expected no other image named {form.MarkedId(image)}, which its marked version is called, "
                        + "found one"
                );
        }
    }

    private void CheckOutput(string output, Shard? shard)
    {
        if (Folder(output).StartsWith(Folder(dataset.Root), StringComparison.Ordinal))
            throw new IsotopeException($"--out {output}: expected a folder outside the dataset, found one inside it");
        if (File.Exists(output))
            throw new IsotopeException($"--out {output}: expected a new or empty folder, found a file");
        if (
            Directory.Exists(output)
            && Directory
                .EnumerateDirectories(output, "*", SearchOption.AllDirectories)
                .FirstOrDefault(folder => new DirectoryInfo(folder).LinkTarget is not null)
                is { } link
        )
            throw new IsotopeException($"--out {output}: expected a new or empty folder, found the link {link}, which leads elsewhere");
        var hasFiles = Directory.Exists(output) && Directory.EnumerateFiles(output, "*", SearchOption.AllDirectories).Any(); // before other shards' journals, which are older
        var (whole, shards) = (File.Exists(MarkingJournal.PathFor(output)), ShardFiles.Of(output));
        if (shards.FirstOrDefault(other => other.Count != shard?.Count) is { } another)
            throw new IsotopeException(
                $"--out {output}: expected no work of another split, found that of {another}; finish that, or delete it and the output"
            );
        if (whole && shard is not null)
            throw new IsotopeException(
                $"--out {output}: expected no unfinished run without --shard, found one; finish it, or delete its journal and the output"
            );
        var unfinished = whole || shards.Count > 0;
        if (!unfinished && hasFiles)
            throw new IsotopeException(
                $"--out {output}: expected a new or empty folder, found "
                    + $"{(File.Exists(Manifest.PathFor(output)) ? "one that was marked before, whole" : "files that no interrupted run has left")}"
            );
        if (!unfinished)
            AtomicFile.RequireNew(Manifest.PathFor(output), "it names the images that an earlier run has marked");
        Directory.CreateDirectory(output);
        if (form.FolderOfMarked(output) != output)
            AtomicFile.CreatePrivateFolder(form.FolderOfMarked(output));

        static string Folder(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)) + Path.DirectorySeparatorChar;
    }

    private JsonObject Settings()
    {
        var settings = new JsonObject
        {
            ["isotope"] = RunSettings.Version,
            [Manifest.DatasetSetting] = Manifest.Describe(dataset),
            [Manifest.KeyCommitment] = key.Commitment,
            ["network"] = new JsonObject { ["architecture"] = network.Architecture, ["sha256"] = network.Sha256 },
        };
        options.AddTo(settings);
        return settings;
    }
}
