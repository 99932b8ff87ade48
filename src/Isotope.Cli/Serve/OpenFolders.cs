using Isotope.Files;

namespace Isotope.Cli.Serve;

/// <summary>
/// The folders that pages may show. A path is <c>N/below</c>: the N-th folder and a path in it. Nothing outside the folders is read: links
/// that lead out are not followed.
/// </summary>
internal sealed class OpenFolders
{
    private const int MostFiles = 5_000;
    private const int MostDepth = 6;
    private readonly string[] roots;

    /// <exception cref="IsotopeException">A folder is missing.</exception>
    public OpenFolders(IEnumerable<string> folders) =>
        roots = [
            .. folders.Select(folder =>
                Directory.Exists(folder) ? Real(folder) : throw new IsotopeException($"{folder}: expected a folder to show, found none")
            ),
        ];

    /// <summary>The folders, with all links followed.</summary>
    public IReadOnlyList<string> Roots => roots;

    /// <summary>The file or folder at a path; null if there is none, or if it lies outside.</summary>
    public string? Find(string? path)
    {
        var parts = (path ?? "").Split('/', 2);
        if (!int.TryParse(parts[0], out var root) || root < 0 || root >= roots.Length)
            return null;
        try
        {
            var full = Path.GetFullPath(Path.Combine(roots[root], parts.ElementAtOrDefault(1) ?? ""));
            return FolderPath.Contains(roots[root], full) && Path.Exists(full) && FolderPath.Contains(roots[root], Real(full))
                ? full
                : null;
        }
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The path of a file below one of the folders.</summary>
    public string PathOf(string file)
    {
        var root = Array.FindIndex(roots, folder => FolderPath.Contains(folder, file));
        return $"{root}/{Path.GetRelativePath(roots[root], file).Replace('\\', '/')}";
    }

    /// <summary>Files by their extensions, newest first. Deep and very large trees are not searched whole.</summary>
    public IReadOnlyList<FileInfo> Files(params IReadOnlyList<string> extensions)
    {
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            MaxRecursionDepth = MostDepth,
            AttributesToSkip = FileAttributes.ReparsePoint,
            IgnoreInaccessible = true,
        };
        return
        [
            .. roots
                .SelectMany(root => new DirectoryInfo(root).EnumerateFiles("*", options))
                .Where(file => extensions.Any(extension => file.Name.EndsWith(extension, StringComparison.OrdinalIgnoreCase)))
                .Take(MostFiles)
                .OrderByDescending(file => file.LastWriteTimeUtc),
        ];
    }

    /// <summary>The path with all links followed.</summary>
    private static string Real(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var parent = Path.GetDirectoryName(full);
        if (parent is null)
            return full;
        var here = Path.Combine(Real(parent), Path.GetFileName(full));
        FileSystemInfo info = Directory.Exists(here) ? new DirectoryInfo(here) : new FileInfo(here);
        return info.ResolveLinkTarget(returnFinalTarget: true) is { } target ? Real(target.FullName) : here;
    }
}
