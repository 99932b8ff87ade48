using System.Text.Json.Nodes;
using Isotope.Datasets;
using Isotope.Files;
using Isotope.Runs;

namespace Isotope.Marking;

/// <summary>
/// Makes one marked dataset and one manifest of what shards have marked (<see cref="DatasetMarker.RunShard"/>), after checking that all of
/// it is there. Interrupted, it goes on where it was.
/// </summary>
public sealed class ShardMerger(Dataset dataset, string output)
{
    /// <summary>Checks, writes what is not marked, and the manifest; then removes what the shards have left beside the output.</summary>
    /// <param name="progress">Images or files done.</param>
    /// <param name="cancellation">Checked before each of them.</param>
    /// <exception cref="IsotopeException">A shard is missing, unfinished or of other settings; a marked image is missing or changed; or the
    /// dataset is another.</exception>
    public Manifest Run(IProgress<StageProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var claim = OutputLock.Take(output);
        var shards = Shards();
        var manifest = Whole(shards);
        var form = MarkedOutput.Of(dataset, DatasetMarkingOptions.Of(manifest));
        if (!File.Exists(Manifest.PathFor(output)))
        {
            CheckFiles(manifest, form.FolderOfMarked(output), progress, cancellation);
            var originals = dataset.Images.ToDictionary(image => image.Id, StringComparer.Ordinal);
            form.Assemble(output, [.. manifest.Images.Select(image => (originals[image.Id], image))], progress, cancellation);
            manifest.Save(Manifest.PathFor(output));
        }

        foreach (var shard in shards)
            File.Delete(ShardFiles.ManifestFor(output, shard));
        MarkedOutput.Clean(output);
        return manifest;
    }

    /// <summary>How the shards were marked.</summary>
    /// <exception cref="IsotopeException">A shard is missing, unfinished or of other settings; or the dataset is another.</exception>
    public DatasetMarkingOptions Options() => DatasetMarkingOptions.Of(Whole(Shards()));

    /// <summary>All shards of the split.</summary>
    private IReadOnlyList<Shard> Shards()
    {
        var shards = ShardFiles.Of(output);
        if (shards.FirstOrDefault(shard => File.Exists(ShardFiles.JournalFor(output, shard))) is { } running)
            throw new IsotopeException(
                $"{ShardFiles.JournalFor(output, running)}: expected finished shards, found one that is not; run it again, it goes on "
                    + "from there"
            );
        if (File.Exists(Manifest.PathFor(output)))
            return shards;
        if (shards.Count == 0)
            throw new IsotopeException($"--out {output}: expected manifests of shards beside it, found none");
        int[] missing = [.. Enumerable.Range(1, shards[0].Count).Except(shards.Select(shard => shard.Index))];
        if (shards[^1].Count != shards[0].Count)
            throw new IsotopeException($"--out {output}: expected shards of one split, found {shards[0]} and {shards[^1]}");
        return missing.Length == 0
            ? shards
            : throw new IsotopeException(
                $"--out {output}: expected {shards[0].Count} finished shards, found {shards.Count}; missing: "
                    + $"{string.Join(", ", missing.Take(20))}{(missing.Length > 20 ? ", …" : "")}"
            );
    }

    private Manifest Whole(IReadOnlyList<Shard> shards) => File.Exists(Manifest.PathFor(output)) ? Finished(shards) : Joined(shards);

    /// <summary>What an interrupted merge had finished but for tidying up.</summary>
    private Manifest Finished(IReadOnlyList<Shard> shards)
    {
        var manifest = Manifest.Load(Manifest.PathFor(output));
        foreach (var shard in shards)
            Require(shard, Manifest.Load(ShardFiles.ManifestFor(output, shard)).Settings, manifest.Settings);
        return manifest;
    }

    private Manifest Joined(IReadOnlyList<Shard> shards)
    {
        Manifest[] manifests = [.. shards.Select(shard => Manifest.Load(ShardFiles.ManifestFor(output, shard)))];
        var settings = ShardFiles.WholeOf(manifests[0].Settings);
        foreach (var (shard, manifest) in shards.Zip(manifests))
            Require(shard, manifest.Settings, settings);
        if (!JsonNode.DeepEquals(settings[Manifest.DatasetSetting], Manifest.Describe(dataset)))
            throw new IsotopeException(
                $"--data {dataset.Root}: expected the dataset of the shards' manifests, found other images or names"
            );
        var marked = new Dictionary<string, MarkedImage>(StringComparer.Ordinal);
        foreach (var image in manifests.SelectMany(manifest => manifest.Images))
            if (!marked.TryAdd(image.Id, image))
                throw new IsotopeException($"--out {output}: expected every image in one shard, found {image.Id} in two");
        var joined = new Manifest(
            settings,
            [.. dataset.Images.Where(image => marked.ContainsKey(image.Id)).Select(image => marked[image.Id])]
        );
        RequireComplete(joined, marked.Count);
        return joined;
    }

    private void Require(Shard shard, JsonObject settings, JsonObject whole) =>
        RunSettings.RequireSame(ShardFiles.ManifestFor(output, shard), ShardFiles.WholeOf(settings), whole);

    /// <summary>As many images of every class as its fraction asks for.</summary>
    private void RequireComplete(Manifest joined, int listed)
    {
        var fraction = DatasetMarkingOptions.Of(joined).Fraction;
        var expected = dataset
            .Images.GroupBy(image => dataset.ClassNames[image.Label])
            .Sum(images => ImageSelection.CountOf(images.Count(), fraction));
        if (joined.Images.Count != expected || listed != expected)
            throw new IsotopeException(
                $"--out {output}: expected {expected} marked images of {dataset.Root} in the manifests, found {joined.Images.Count} of "
                    + $"{listed}"
            );
    }

    private static void CheckFiles(Manifest manifest, string folder, IProgress<StageProgress>? progress, CancellationToken cancellation)
    {
        foreach (var (done, image) in manifest.Images.Index())
        {
            cancellation.ThrowIfCancellationRequested();
            var path = Path.Combine(folder, image.File);
            if (!File.Exists(path) || Hashes.OfFile(path) != image.Sha256)
                throw new IsotopeException($"{path}: expected the marked image of a finished shard, found another or none");
            progress?.Report(new StageProgress("checking", done + 1, manifest.Images.Count));
        }
    }
}
