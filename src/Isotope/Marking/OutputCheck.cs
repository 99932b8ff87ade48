using Isotope.Datasets;
using Isotope.Files;

namespace Isotope.Marking;

/// <summary>Checks the folder that a dataset will be marked into, before any work is done.</summary>
internal static class OutputCheck
{
    private const string NewFolder = "a new or empty folder";

    /// <summary>Requires a new or empty folder outside the dataset, or one that an interrupted run of the same split left.</summary>
    /// <param name="dataset">The vanilla dataset.</param>
    /// <param name="output">The folder.</param>
    /// <param name="shard">The shard that is about to run; null for a run that marks all images.</param>
    /// <exception cref="IsotopeException">It is another file or folder.</exception>
    public static void Require(Dataset dataset, string output, Shard? shard)
    {
        if (
            FolderPath.Contains(dataset.Root, output) || FolderPath.Contains(FolderPath.Resolved(dataset.Root), FolderPath.Resolved(output))
        )
            throw Refused(output, "a folder outside the dataset", "one inside it");
        if (File.Exists(output))
            throw Refused(output, NewFolder, "a file");
        if (FindLink(output) is { } link)
            throw Refused(output, NewFolder, $"the link {link}, which leads elsewhere");

        // Files first: other shards write their journals before their files, so a shard whose files are seen here is seen below too.
        var hasFiles = Directory.Exists(output) && Directory.EnumerateFiles(output, "*", SearchOption.AllDirectories).Any();
        var hasJournal = File.Exists(MarkingJournal.PathFor(output));
        var shards = ShardFiles.Of(output);
        if (shards.FirstOrDefault(other => other.Count != shard?.Count) is { } another)
            throw Refused(output, "no work of another split", $"that of {another}; finish that, or delete it and the output");
        if (hasJournal && shard is not null)
            throw Refused(output, "no unfinished run without --shard", "one; finish it, or delete its journal and the output");
        if (hasJournal || shards.Count > 0)
            return;
        var manifest = Manifest.PathFor(output);
        if (hasFiles && File.Exists(manifest))
            throw Refused(output, NewFolder, "one that was marked before, whole");
        if (hasFiles)
            throw Refused(output, NewFolder, "files that are not of an interrupted run");
        AtomicFile.RequireNew(manifest, "it names the images that an earlier run has marked");
    }

    private static string? FindLink(string output) =>
        Directory.Exists(output)
            ? Directory
                .EnumerateDirectories(output, "*", SearchOption.AllDirectories)
                .FirstOrDefault(folder => new DirectoryInfo(folder).LinkTarget is not null)
            : null;

    private static IsotopeException Refused(string output, string expected, string found) =>
        UntrustedFile.Refused($"--out {output}", expected, found);
}
