using System.Text.Json.Nodes;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Files;
using Isotope.Networks;
using Isotope.Runs;

namespace Isotope.Marking;

/// <summary>
/// Makes a radioactive dataset and its manifest from a vanilla dataset and a key. It chooses the images, has them marked
/// (<see cref="MarkingRun"/>) and written (<see cref="MarkedOutput"/>); an interrupted run can be resumed.
/// </summary>
public sealed class DatasetMarker
{
    private readonly Dataset dataset;
    private readonly CarrierKey key;
    private readonly Network network;
    private readonly DatasetMarkingOptions options;
    private readonly IReadOnlyList<LabelledImage> chosen;
    private readonly MarkedOutput form;
    private IReadOnlyList<UnreadableImage>? unreadable;

    /// <summary>Checks that dataset, key, network and options fit together, and chooses the images to mark.</summary>
    /// <param name="dataset">The vanilla dataset.</param>
    /// <param name="key">The owner's key, with a carrier for each class.</param>
    /// <param name="network">The marking network φ₀.</param>
    /// <param name="options">How many images are marked, how, and how they are written.</param>
    /// <exception cref="IsotopeException">They do not fit together.</exception>
    public DatasetMarker(Dataset dataset, CarrierKey key, Network network, DatasetMarkingOptions options)
    {
        if (dataset.ClassNames.Count != key.Classes)
            throw new IsotopeException(
                $"{dataset.Root}: expected {key.Classes} classes, as many as the key has carriers, found {dataset.ClassNames.Count}"
            );
        key.RequireDimension(network.FeatureDimension);
        options.Validate();
        this.dataset = dataset;
        this.key = key;
        this.network = network;
        this.options = options;
        var copies = Datasets.Copies.In(dataset.Images);
        chosen = ImageSelection.Draw(dataset, copies, key, options.Fraction);
        Copies = copies.Count;
        form = MarkedOutput.Of(dataset, options);
        CheckNames();
    }

    /// <summary>Images that are in the dataset more than once. They are not marked: a copy would tell the original.</summary>
    public int Copies { get; }

    /// <summary>Marks the dataset into a new folder, or resumes an interrupted run; writes the manifest beside the folder.</summary>
    /// <param name="output">The folder to write, in the dataset's format unless the options say otherwise.</param>
    /// <param name="progress">Images done, with mean PSNR and displacement.</param>
    /// <param name="cancellation">Checked at every iteration; a cancelled run can be resumed.</param>
    /// <exception cref="IsotopeException">The folder is not empty, an earlier run had other settings, an image can't be read, or no pixel
    /// changes.</exception>
    public Manifest Run(string output, IProgress<StageProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var claim = OutputLock.Take(output);
        PrepareOutput(output, shard: null);
        Survey(progress, cancellation);
        var settings = Settings();
        using var journal = MarkingJournal.Open(MarkingJournal.PathFor(output), settings);
        var manifest = ReadFinished(Manifest.PathFor(output), settings) ?? MarkAll(output, settings, journal, progress, cancellation);
        MarkedOutput.Clean(output);
        journal.Delete();
        return manifest;
    }

    /// <summary>
    /// Marks a share of the images, or resumes it. Several processes can do so at the same time, on machines that share the folder. When
    /// all have finished, <see cref="ShardMerger"/> makes the same result as <see cref="Run"/>, byte for byte.
    /// </summary>
    /// <param name="shard">Which share.</param>
    /// <param name="output">As for <see cref="Run"/>; the same for all shards.</param>
    /// <param name="progress">Images done, with mean PSNR and displacement.</param>
    /// <param name="cancellation">Checked at every iteration; a cancelled run can be resumed.</param>
    /// <returns>The manifest of the images that this shard marked.</returns>
    /// <exception cref="IsotopeException">As for <see cref="Run"/>, or the output has shards of another split.</exception>
    public Manifest RunShard(
        Shard shard,
        string output,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        using var claim = OutputLock.Take(FolderPath.Beside(output, $".{shard}"));
        PrepareOutput(output, shard);
        Survey(progress, cancellation);
        var settings = ShardFiles.SettingsOf(shard, Settings());
        var path = ShardFiles.ManifestFor(output, shard);
        ShardFiles.RequireAlike(output, shard, settings);
        using var journal = MarkingJournal.Open(ShardFiles.JournalFor(output, shard), settings);
        var manifest =
            ReadFinished(path, settings) ?? new Manifest(settings, Mark(shard.Of(ToMark), output, journal, progress, cancellation));
        manifest.Save(path);
        journal.Delete();
        return manifest;
    }

    /// <summary>
    /// The journal of an unfinished run, or a file of shards that are unfinished or not merged yet; null if the output has neither.
    /// </summary>
    public static string? Unfinished(string output)
    {
        if (File.Exists(MarkingJournal.PathFor(output)))
            return MarkingJournal.PathFor(output);
        if (ShardFiles.Of(output) is not [var shard, ..])
            return null;
        var journal = ShardFiles.JournalFor(output, shard);
        return File.Exists(journal) ? journal : ShardFiles.ManifestFor(output, shard);
    }

    /// <summary>The manifest of a finished run with the same settings; null if there is none.</summary>
    /// <exception cref="IsotopeException">A run with other settings has finished.</exception>
    public Manifest? Finished(string output)
    {
        if (File.Exists(MarkingJournal.PathFor(output)) || !File.Exists(Manifest.PathFor(output)))
            return null;
        Survey();
        return ReadFinished(Manifest.PathFor(output), Settings());
    }

    /// <summary>Looks at all chosen images before any of them is marked; a run does so if nobody did.</summary>
    /// <param name="progress">Images looked at.</param>
    /// <param name="cancellation">Checked at every image.</param>
    /// <returns>Those that will stay unmarked, since they can't be read or written.</returns>
    /// <exception cref="IsotopeException">There are some, and the options do not say to skip them; or there are no others.</exception>
    internal IReadOnlyList<UnreadableImage> Survey(IProgress<StageProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (unreadable is not null)
            return unreadable;
        var needed = options.UniformEncoding ? dataset.Images : chosen;
        var found = MarkingSurvey.Run(needed, form, options.FileEncoding, progress, cancellation);
        if (found.Count > 0 && (!options.SkipUnreadable || found.Count == chosen.Count))
            throw MarkingSurvey.Refusal(found, needed.Count);
        return unreadable = found;
    }

    /// <summary>The chosen images that can be marked.</summary>
    private IReadOnlyList<LabelledImage> ToMark =>
        unreadable is { Count: > 0 } skipped ? [.. chosen.Except(skipped.Select(image => image.Image))] : chosen;

    private static Manifest? ReadFinished(string path, JsonObject settings)
    {
        if (!File.Exists(path))
            return null;
        var manifest = Manifest.Load(path);
        RunSettings.RequireSame(path, manifest.Settings, settings);
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
        var marked = Mark(ToMark, output, journal, progress, cancellation);
        form.Assemble(output, [.. ToMark.Zip(marked)], progress, cancellation);
        var manifest = new Manifest(settings, marked);
        manifest.Save(Manifest.PathFor(output));
        return manifest;
    }

    /// <summary>Writes each marked image as a file of its own, and records finished ones in the journal.</summary>
    private IReadOnlyList<MarkedImage> Mark(
        IReadOnlyList<LabelledImage> share,
        string output,
        Journal<MarkedImage> journal,
        IProgress<StageProgress>? progress,
        CancellationToken cancellation
    )
    {
        MarkingTask[] tasks = [.. share.Select(image => new MarkingTask(image, form.MarkedId(image), Version: 0))];
        var run = new MarkingRun(dataset, key, network, options, form.Encode, form.FolderOfMarked(output));
        return run.Run(tasks, journal, progress, cancellation);
    }

    private void PrepareOutput(string output, Shard? shard)
    {
        OutputCheck.Require(dataset, output, shard);
        Directory.CreateDirectory(output);
        if (form.FolderOfMarked(output) != output)
            AtomicFile.CreatePrivateFolder(form.FolderOfMarked(output));
    }

    /// <summary>A marked a.jpg may become a.png, which must not be the name of another image.</summary>
    private void CheckNames()
    {
        var names = dataset.Images.Except(chosen).Select(form.UnmarkedId).ToHashSet(StringComparer.Ordinal);
        foreach (var image in chosen)
        {
            var name = form.MarkedId(image);
            if (!names.Add(name))
                throw new IsotopeException(
                    $"{image.Source.Name}: expected no other image named {name}, the name of its marked version, found one"
                );
        }
    }

    private JsonObject Settings()
    {
        var settings = new JsonObject
        {
            ["isotope"] = RunSettings.Version,
            [Manifest.DatasetSetting] = Manifest.Describe(dataset),
            [Manifest.KeyCommitment] = key.Commitment,
            [MarkingNetworkCheck.Setting] = MarkingNetworkCheck.Describe(network),
        };
        options.AddTo(settings);
        if (unreadable is { Count: > 0 } skipped)
            settings[Manifest.SkippedSetting] = new JsonArray([.. skipped.Select(image => JsonValue.Create(image.Image.Id))]);
        return settings;
    }
}
