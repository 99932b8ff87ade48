using Isotope.Files;

namespace Isotope.Datasets.Formats;

/// <summary>The files of a dataset.</summary>
/// <param name="Root">The path that was given.</param>
/// <param name="Files">The files to read.</param>
/// <param name="Options">What is read of them.</param>
internal sealed record DatasetFiles(string Root, IReadOnlyList<string> Files, DatasetOptions Options);

/// <summary>A format of datasets other than class folders: how it is recognised, and how its images are listed.</summary>
internal abstract class DatasetFormat
{
    /// <summary>The names of all formats, for errors.</summary>
    public const string Names = "IDX, CIFAR batches, tar or zip archives, Parquet, NPZ, or a list (CSV, TSV, JSON)";

    private static readonly DatasetFormat[] All =
    [
        new ParquetImages(),
        new NumpyArchives(),
        new TarShards(),
        new ZipArchives(),
        new IdxFiles(),
        new StlBinary(),
        new CifarBinary(),
        new CifarPickles(),
        new ImageLists(),
    ];

    /// <summary>Opens a path in one of these formats; null if it has none of them.</summary>
    /// <exception cref="IsotopeException">The dataset is damaged, is of a format that has to be converted first, or can be read in two
    /// ways; or no file matches the pattern.</exception>
    public static Dataset? Open(string path, DatasetOptions options)
    {
        if (FileLists.Open(path, options) is { } listed)
            return listed with { Options = options };
        var files = DatasetPath.FilesOf(path).Select(file => (Path: file, Start: DatasetPath.StartOf(file))).ToArray();
        var isFolder = Directory.Exists(path);
        var hasClassFolders = isFolder && DatasetPath.HasImagesInFolders(path);
        (DatasetFormat Format, string[] Files)[] found =
        [
            .. All.Where(format => format.IsInFolders || File.Exists(path))
                .Select(format => (format, Own(format)))
                .Where(pair => pair.Item2.Length > 0),
        ];

        // An archive beside other files is what these were unpacked from.
        if (found.Length > 1 || hasClassFolders)
            found = [.. found.Where(pair => pair.Format is not ArchiveFormat)];
        if (hasClassFolders)
            return found.FirstOrDefault(pair => pair.Format is ParquetImages) is { Format: not null } both
                ? throw Ambiguous(path, [Shown(path, both.Files[0]), "images in folders"])
                : null;
        if (isFolder && found.Length > 1)
            throw Ambiguous(path, [.. found.Select(pair => Shown(path, pair.Files[0]))]);
        if (found is not [var (format, own), ..])
            return ForeignData.Refusal(files) is { } refusal ? throw refusal : null;
        if (isFolder && FoldersOf(path, own) is { Length: > 1 } folders)
            throw Ambiguous(path, folders);

        if (!format.HasColumns)
            Columns.RequireNone(path, options);
        var findsSplit = format.HasSplits && File.Exists(path);
        var dataset = format.Open(
            findsSplit
                ? new DatasetFiles(path, own, options)
                : new DatasetFiles(path, Splits.FilesOf(path, own, options.Split), options with { Split = null })
        );
        return (isFolder ? OtherFiles.AddTo(dataset, own) : dataset) with { Options = options };

        string[] Own(DatasetFormat format) => [.. files.Where(file => format.Recognises(file.Path, file.Start)).Select(file => file.Path)];
    }

    /// <summary>Whether a file of this format may hold several splits.</summary>
    protected virtual bool HasSplits => false;

    /// <summary>Whether columns or fields can be chosen.</summary>
    protected virtual bool HasColumns => true;

    /// <summary>Whether files of this format are looked for in folders too, or only taken if they are named themselves.</summary>
    protected virtual bool IsInFolders => true;

    /// <summary>Whether a file has this format, judged by its name and first bytes.</summary>
    protected abstract bool Recognises(string file, ReadOnlySpan<byte> start);

    /// <summary>Lists the images of recognised files.</summary>
    /// <exception cref="IsotopeException">A file is damaged.</exception>
    protected abstract Dataset Open(DatasetFiles found);

    /// <summary>The folders of the files, without the names of splits: one for each dataset.</summary>
    private static string[] FoldersOf(string root, IEnumerable<string> files) =>
        [
            .. files
                .Select(file => DatasetPath.Relative(root, Path.GetDirectoryName(file)!))
                .Select(folder => string.Join('/', folder.Split('/').Where(part => !Splits.IsName(part) && part != ".")))
                .Distinct(StringComparer.Ordinal),
        ];

    private static string Shown(string root, string file) => Printable.Start(DatasetPath.Relative(root, file));

    private static IsotopeException Ambiguous(string path, string[] readings)
    {
        var shown = string.Join(" and ", readings.Select(name => name.Length > 0 ? name : "files in it"));
        return new IsotopeException($"{path}: expected one dataset, found {shown}; name one of them");
    }
}
