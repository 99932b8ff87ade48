using System.Text;

namespace Isotope.Datasets.Formats;

/// <summary>The files of a dataset's folder that hold none of its images: they are copied, unless they may hold the originals.</summary>
internal static class OtherFiles
{
    private static readonly string[] Archives = [".tar", ".tgz", ".zip", ".7z", ".rar"];
    private static readonly string[] SecretMarks = ["\"isotope", "keyCommitment", "PRIVATE KEY-----"];
    private static readonly string[] Compressions = [".gz", ".bz2", ".xz", ".zst"];

    /// <summary>Adds the other files below a dataset's folder.</summary>
    /// <param name="dataset">A dataset whose root is a folder.</param>
    /// <param name="siblings">Files of the same format, perhaps of other splits: not suspected to hold the originals.</param>
    public static Dataset AddTo(Dataset dataset, params IReadOnlyList<string> siblings)
    {
        var root = dataset.Root;
        HashSet<string> own = [.. dataset.Images.Select(image => image.Source.File).Distinct().Select(Path.GetFullPath)];
        own.UnionWith((dataset.Container is { } parts ? parts.Files.Concat(parts.Companions) : []).Select(Path.GetFullPath));
        if (dataset.List is { } list)
            own.Add(Path.GetFullPath(list.Path));
        HashSet<string> same = [.. siblings.Select(Path.GetFullPath)];
        string[] secrets = [.. DatasetPath.Enumerate(root).Where(file => !ImageFolder.IsImage(file) && IsSecret(file))];
        own.UnionWith(secrets.Select(Path.GetFullPath));
        var others = DatasetPath
            .Enumerate(root)
            .Order(StringComparer.Ordinal)
            .Where(file => !own.Contains(Path.GetFullPath(file)))
            .ToLookup(file => MayHoldOriginals(file, same));
        string[] copied = [.. others[false].Where(file => !new FileInfo(file).Attributes.HasFlag(FileAttributes.ReparsePoint))];
        return dataset with
        {
            Container = dataset.Container is { } container ? container with { Companions = [.. container.Companions, .. copied] } : null,
            Others = dataset.Container is null ? copied : [],
            LeftOut =
            [
                .. others[true].Select(file => $"{DatasetPath.Relative(root, file)} (may hold the originals)"),
                .. Litter(root),
                .. Secret(root, secrets),
            ],
        };
    }

    /// <summary>Whether a file looks like a key, manifest, ledger or journal of Isotope's, or a private key: nothing to publish.</summary>
    public static bool IsSecret(string file) =>
        !new FileInfo(file).Attributes.HasFlag(FileAttributes.ReparsePoint)
        && Encoding.Latin1.GetString(DatasetPath.StartOf(file)) is var start
        && SecretMarks.Any(mark => start.Contains(mark, StringComparison.Ordinal));

    private static IEnumerable<string> Secret(string root, IEnumerable<string> files) =>
        files.Select(file => $"{DatasetPath.Relative(root, file)} (a key, or another file to keep: move it out of the dataset)");

    private static IEnumerable<string> Litter(string root)
    {
        var count = DatasetPath.CountLitter(root);
        return count > 0 ? [$"{count} that systems and editors leave behind (such as .git, ._a.jpg, Thumbs.db)"] : [];
    }

    /// <summary>An archive that is not of the dataset's format, or the compressed twin of a file.</summary>
    private static bool MayHoldOriginals(string file, HashSet<string> siblings)
    {
        var (stem, extension) = (Path.ChangeExtension(file, null), Path.GetExtension(file).ToLowerInvariant());
        if (Compressions.Contains(extension) && (File.Exists(stem) || stem.EndsWith(".tar", StringComparison.OrdinalIgnoreCase)))
            return true;
        return Archives.Contains(extension) && !siblings.Contains(Path.GetFullPath(file));
    }
}
