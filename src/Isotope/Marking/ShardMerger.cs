using System.Text.Json.Nodes;
using Isotope.Datasets;
using Isotope.Files;
using Isotope.Runs;

namespace Isotope.Marking;

/// <summary>
/// Makes one marked dataset and one manifest from the work of shards (<see cref="DatasetMarker.RunShard"/>), after checking that it is
/// complete. An interrupted merge can be resumed.
/// </summary>
/// <param name="dataset">The vanilla dataset.</param>
/// <param name="output">The folder that the shards marked into.</param>
public sealed class ShardMerger(Dataset dataset, string output)
{
    /// <summary>The most missing shards that a message names.</summary>
    private const int MostNamed = 20;

    /// <summary>Checks the shards, writes the rest of the dataset and the manifest, and removes the shards' files.</summary>
    /// <param name="progress">Images or files done.</param>
    /// <param name="cancellation">Checked before each image or file.</param>
    /// <exception cref="IsotopeException">A shard is missing, unfinished or has other settings; a marked image is missing or changed; or
    /// the shards marked another dataset.</exception>
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

    /// <summary>The options that the shards were marked with.</summary>
    /// <exception cref="IsotopeException">A shard is missing, unfinished or has other settings; or the shards marked another
    /// dataset.</exception>
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
        var count = shards[0].Count;
        if (shards[^1].Count != count)
            throw new IsotopeException($"--out {output}: expected shards of one split, found {shards[0]} and {shards[^1]}");
        int[] missing = [.. Enumerable.Range(1, count).Except(shards.Select(shard => shard.Index))];
        if (missing.Length == 0)
            return shards;
        var named = string.Join(", ", missing.Take(MostNamed)) + (missing.Length > MostNamed ? ", …" : "");
        throw new IsotopeException($"--out {output}: expected {count} finished shards, found {shards.Count}; missing: {named}");
    }

    /// <summary>The manifest of the whole dataset.</summary>
    private Manifest Whole(IReadOnlyList<Shard> shards) => File.Exists(Manifest.PathFor(output)) ? Finished(shards) : Joined(shards);

    /// <summary>The manifest of a merge that was interrupted while it cleaned up.</summary>
    private Manifest Finished(IReadOnlyList<Shard> shards)
    {
        var manifest = Manifest.Load(Manifest.PathFor(output));
        foreach (var shard in shards)
            Require(shard, Manifest.Load(ShardFiles.ManifestFor(output, shard)).Settings, manifest.Settings);
        return manifest;
    }

    /// <summary>The manifest of all shards, with the images in the dataset's order.</summary>
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
        MarkedImage[] inOrder = [.. dataset.Images.Where(image => marked.ContainsKey(image.Id)).Select(image => marked[image.Id])];
        var joined = new Manifest(settings, inOrder);
        RequireComplete(joined, marked.Count);
        return joined;
    }

    private void Require(Shard shard, JsonObject settings, JsonObject whole) =>
        RunSettings.RequireSame(ShardFiles.ManifestFor(output, shard), ShardFiles.WholeOf(settings), whole);

    /// <summary>Requires as many images as the fraction asks for, all of them in the dataset.</summary>
    private void RequireComplete(Manifest joined, int listed)
    {
        var fraction = DatasetMarkingOptions.Of(joined).Fraction;
        var expected = ImageSelection.CountOf(dataset, fraction) - joined.Skipped.Count;
        var found = joined.Images.Count;
        if (found != expected || listed != expected)
            throw new IsotopeException(
                $"--out {output}: expected {expected} marked images of {dataset.Root} in the manifests, found {found} of {listed}"
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
