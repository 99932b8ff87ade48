using System.IO.Enumeration;
using Isotope.Files;

namespace Isotope.Datasets.Formats;

/// <summary>Finds the files that a dataset's path stands for, and checks the paths inside of datasets.</summary>
internal static class DatasetPath
{
    private const int StartLength = 512;

    /// <summary>So many files below a folder are looked at. A dataset of files of many images has fewer.</summary>
    private const int MostFiles = 100_000;

    /// <summary>
    /// The files of a dataset that are not images, in the order of their paths: the file itself, the files that match a pattern, or those
    /// anywhere below a folder. Of a folder with images in folders, only those beside the folders.
    /// </summary>
    /// <exception cref="IsotopeException">No file matches the pattern.</exception>
    public static string[] FilesOf(string path)
    {
        if (File.Exists(path))
            return ImageFolder.IsImage(path) ? [] : [path];
        if (Directory.Exists(path))
            return [.. Below(path, recurse: !HasImagesInFolders(path)).Where(file => !ImageFolder.IsImage(file))];
        if (!IsPattern(path))
            return [];
        string[] files =
        [
            .. Directory.Exists(FolderOf(path))
                ? Directory.EnumerateFiles(FolderOf(path), Path.GetFileName(path)).Where(file => !ImageFolder.IsImage(file))
                : [],
        ];
        return files.Length > 0
            ? [.. files.Order(StringComparer.Ordinal)]
            : throw new IsotopeException($"{path}: expected files of this pattern, found none");
    }

    /// <summary>The folder of a path's files: the path itself if it is a folder, otherwise the one that contains it.</summary>
    public static string FolderOf(string path) => Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;

    /// <summary>The path of a file below a folder, with '/'.</summary>
    public static string Relative(string folder, string file) =>
        Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/');

    /// <summary>The folder of a split below a folder; the folder itself if none is asked for.</summary>
    /// <exception cref="IsotopeException">There is no folder of this split.</exception>
    public static string FolderOfSplit(string path, string? split)
    {
        if (split is null || !Directory.Exists(path))
            return path;
        string[] folders = [.. Directory.EnumerateDirectories(path).Order(StringComparer.Ordinal)];
        return folders.FirstOrDefault(folder => Splits.Canonical(Path.GetFileName(folder)) == Splits.Canonical(split))
            ?? throw Splits.Missing(path, split, folders.Select(folder => Path.GetFileName(folder)!));
    }

    /// <summary>The first bytes of a file, by which formats are recognised.</summary>
    /// <exception cref="IsotopeException">The file can't be read.</exception>
    public static byte[] StartOf(string file) =>
        UntrustedFile.Read(
            file,
            stream =>
            {
                var start = new byte[StartLength];
                return start[..stream.ReadAtLeast(start, StartLength, throwOnEndOfStream: false)];
            }
        );

    /// <summary>A name from an untrusted archive or list as an id, which is a path below a folder; null if it leads elsewhere.</summary>
    public static string? SafeId(string? name)
    {
        if (name is null || name.Any(char.IsControl))
            return null;
        var id = name.Replace('\\', '/');
        while (id.StartsWith("./", StringComparison.Ordinal))
            id = id[2..];
        var isRelative = id.Length > 0 && !Path.IsPathRooted(id) && !id.Contains(':');
        return isRelative && id.Split('/').All(part => part is not ("" or "." or "..")) ? id : null;
    }

    /// <summary>Whether a file or folder is what systems and editors leave behind: <c>.git</c>, <c>._a.jpg</c>, <c>Thumbs.db</c>.</summary>
    public static bool IsLitter(ReadOnlySpan<char> name) => name is ['.', ..] or "__MACOSX" or "@eaDir" or "Thumbs.db" or "desktop.ini";

    /// <summary>Whether there are images in folders below a folder, as in the image-folder layout.</summary>
    public static bool HasImagesInFolders(string path) =>
        Directory
            .EnumerateDirectories(path)
            .Where(folder => !IsLitter(Path.GetFileName(folder.AsSpan())))
            .Any(folder => Enumerate(folder, recurse: true).Any(ImageFolder.IsImage));

    /// <summary>The files below a folder, in the order of their paths, without litter and links to elsewhere.</summary>
    public static string[] Below(string folder, bool recurse = true) =>
        [.. Enumerate(folder, recurse).Take(MostFiles).Order(StringComparer.Ordinal)];

    /// <summary>Litter below a folder: files, and folders as one each.</summary>
    public static int CountLitter(string folder) =>
        new FileSystemEnumerable<bool>(
            folder,
            static (ref FileSystemEntry _) => true,
            new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }
        )
        {
            ShouldIncludePredicate = static (ref FileSystemEntry entry) => IsLitter(entry.FileName),
            ShouldRecursePredicate = static (ref FileSystemEntry entry) =>
                !entry.Attributes.HasFlag(FileAttributes.ReparsePoint) && !IsLitter(entry.FileName),
        }.Count();

    /// <summary>
    /// The files below a folder in any order, without litter. A file, or the folder itself, may be a link; links to folders further
    /// down are not followed, since they could lead anywhere, or in circles.
    /// </summary>
    public static FileSystemEnumerable<string> Enumerate(string folder, bool recurse = true) =>
        new(
            folder,
            static (ref FileSystemEntry entry) => entry.ToFullPath(),
            new EnumerationOptions
            {
                RecurseSubdirectories = recurse,
                AttributesToSkip = 0,
                IgnoreInaccessible = false,
            }
        )
        {
            ShouldIncludePredicate = static (ref FileSystemEntry entry) => !entry.IsDirectory && !IsLitter(entry.FileName),
            ShouldRecursePredicate = static (ref FileSystemEntry entry) =>
                !entry.Attributes.HasFlag(FileAttributes.ReparsePoint) && !IsLitter(entry.FileName),
        };

    private static bool IsPattern(string path) => Path.GetFileName(path).AsSpan().ContainsAny('*', '?');
}
