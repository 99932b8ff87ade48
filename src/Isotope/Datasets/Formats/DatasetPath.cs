using Isotope.Files;

namespace Isotope.Datasets.Formats;

/// <summary>What a path that is given for a dataset stands for.</summary>
internal static class DatasetPath
{
    private const int StartLength = 512;
    private const string DataFolder = "data"; // where repositories of Hugging Face keep Parquet files

    /// <summary>
    /// A file itself; the files of a folder without class folders, and of its folder <c>data</c>, that are no images; or those of a
    /// pattern. In the order of their names.
    /// </summary>
    /// <exception cref="IsotopeException">A pattern that no file has.</exception>
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

    /// <summary>The training files, where names tell which are; else all.</summary>
    public static IReadOnlyList<string> TrainingOf(IReadOnlyList<string> files)
    {
        string[] training = [.. files.Where(file => IsTraining(Path.GetFileName(file)))];
        return training.Length > 0 ? training : files;
    }

    /// <summary>The folder that a path's files lie in or below.</summary>
    public static string FolderOf(string path) => Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;

    /// <summary>The first bytes of a file, by which formats are recognised.</summary>
    /// <exception cref="IsotopeException">It can't be read.</exception>
    public static byte[] StartOf(string file) =>
        UntrustedFile.Read(
            file,
            stream =>
            {
                var start = new byte[StartLength];
                return start[..stream.ReadAtLeast(start, StartLength, throwOnEndOfStream: false)];
            }
        );

    /// <summary>A name of a stranger's archive or list as an id: a path below a folder; null where it leads elsewhere.</summary>
    public static string? SafeId(string? name)
    {
        if (name is null || name.Any(char.IsControl))
            return null;
        var id = name.Replace('\\', '/');
        while (id.StartsWith("./", StringComparison.Ordinal))
            id = id[2..];
        return id.Length > 0 && !Path.IsPathRooted(id) && !id.Contains(':') && id.Split('/').All(part => part is not ("" or "." or ".."))
            ? id
            : null;
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
