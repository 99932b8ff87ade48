namespace Isotope.Files;

/// <summary>
/// Where paths lie: below a folder, or beside it. Only names are compared: the disk is not read, and links are not followed.
/// </summary>
internal static class FolderPath
{
    /// <summary>
    /// Whether a path is a folder or lies below it, once both are made absolute and <c>..</c> is resolved. Upper and lower case differ on
    /// every system. Whoever must not be led out of the folder by a link resolves the links of both paths first.
    /// </summary>
    /// <param name="folder">The folder; it need not exist. The folder itself counts as contained.</param>
    /// <param name="path">The file or folder; it need not exist.</param>
    public static bool Contains(string folder, string path) =>
        WithSeparator(path).StartsWith(WithSeparator(folder), StringComparison.Ordinal);

    /// <summary>The path with the links of its folders resolved, as far as these exist.</summary>
    internal static string Resolved(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Path.GetDirectoryName(full) is not { } parent)
            return full;
        var here = Path.Combine(Resolved(parent), Path.GetFileName(full));
        return Directory.Exists(here) && new DirectoryInfo(here).LinkTarget is not null
            ? Resolved(new DirectoryInfo(here).ResolveLinkTarget(returnFinalTarget: true)!.FullName)
            : here;
    }

    /// <summary>
    /// The path of a folder with a suffix added to its name. Files that must not be published with the folder go there.
    /// </summary>
    internal static string Beside(string folder, string suffix) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + suffix;

    /// <summary>The file that belongs to a folder or to the nearest folder above it; null if there is none.</summary>
    /// <param name="folder">Where the search starts.</param>
    /// <param name="pathFor">The path of a folder's file; null for a folder that can have none.</param>
    internal static string? FindBeside(string folder, Func<string, string?> pathFor)
    {
        for (var at = new DirectoryInfo(Path.TrimEndingDirectorySeparator(folder)); at is not null; at = at.Parent)
            if (pathFor(at.FullName) is { } path && File.Exists(path))
                return path;
        return null;
    }

    /// <summary>The absolute path, ending in a separator: <c>/a/b</c> does not contain <c>/a/bc</c>.</summary>
    private static string WithSeparator(string path)
    {
        var full = Path.GetFullPath(path);
        return Path.EndsInDirectorySeparator(full) ? full : full + Path.DirectorySeparatorChar;
    }
}
