using Isotope.Files;

namespace Isotope.Datasets.Formats;

/// <summary>Finds the files that a dataset's path stands for, and checks the paths inside of datasets.</summary>
internal static class DatasetPath
{
    private const int StartLength = 512;
    private const string DataFolder = "data"; // repositories of Hugging Face keep their Parquet files there

    /// <summary>
    /// The files of a dataset that are not images, in the order of their names: the file itself, the files that match a pattern, or those
    /// of a folder and its folder <c>data</c>. A folder with class folders has none.
    /// </summary>
    /// <exception cref="IsotopeException">No file matches the pattern.</exception>
    public static string[] FilesOf(string path)
    {
        if (File.Exists(path))
            return ImageFolder.IsImage(path) ? [] : [path];
        if (Directory.Exists(path))
            return HasClassFolders(path) ? [] : [.. Below(path, "*"), .. Below(Path.Combine(path, DataFolder), "*")];
        if (!IsPattern(path))
            return [];
        var files = Below(FolderOf(path), Path.GetFileName(path));
        return files.Length > 0 ? files : throw new IsotopeException($"{path}: expected files of this pattern, found none");
    }

    /// <summary>The files for training, if their names tell which these are; otherwise all.</summary>
    public static IReadOnlyList<string> TrainingOf(IReadOnlyList<string> files)
    {
        string[] training = [.. files.Where(file => IsTraining(Path.GetFileName(file)))];
        return training.Length > 0 ? training : files;
    }

    /// <summary>The folder of a path's files: the path itself if it is a folder, otherwise the one that contains it.</summary>
    public static string FolderOf(string path) => Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;

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

    private static bool HasClassFolders(string path) =>
        Directory.EnumerateDirectories(path).Any(folder => Directory.EnumerateFiles(folder).Any(ImageFolder.IsImage));

    private static bool IsPattern(string path) => Path.GetFileName(path).AsSpan().ContainsAny('*', '?');

    private static bool IsTraining(string name) =>
        name.Contains("train", StringComparison.OrdinalIgnoreCase) || name.StartsWith("data_batch", StringComparison.Ordinal);

    private static string[] Below(string folder, string pattern) =>
        Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, pattern).Where(file => !ImageFolder.IsImage(file)).Order(StringComparer.Ordinal)]
            : [];
}
