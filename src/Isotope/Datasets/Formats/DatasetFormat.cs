namespace Isotope.Datasets.Formats;

/// <summary>A format of datasets other than class folders: how it is recognised, and how its images are listed.</summary>
internal abstract class DatasetFormat
{
    /// <summary>The names of all formats, for errors.</summary>
    public const string Names = "IDX, CIFAR batches, tar shards, Parquet, or a CSV or JSONL list";

    private static readonly DatasetFormat[] All =
    [
        new ParquetImages(),
        new TarShards(),
        new IdxFiles(),
        new CifarBinary(),
        new CifarPickles(),
        new ImageLists(),
    ];

    /// <summary>Opens a path in one of these formats; null if it has none of them.</summary>
    /// <exception cref="IsotopeException">The dataset is damaged, or no file matches the pattern.</exception>
    public static Dataset? Open(string path)
    {
        var files = DatasetPath.FilesOf(path).Select(file => (Path: file, Start: DatasetPath.StartOf(file))).ToArray();
        foreach (var format in All)
        {
            var candidates = files.Where(file => format.IsInFolders || file.Path == path);
            string[] own = [.. candidates.Where(file => format.Recognises(file.Path, file.Start)).Select(file => file.Path)];
            if (own.Length > 0)
                return format.Open(path, DatasetPath.TrainingOf(own));
        }

        return null;
    }

    /// <summary>Whether files of this format are looked for in folders too, or only taken if they are named themselves.</summary>
    protected virtual bool IsInFolders => true;

    /// <summary>Whether a file has this format, judged by its name and first bytes.</summary>
    protected abstract bool Recognises(string file, ReadOnlySpan<byte> start);

    /// <summary>Lists the images of recognised files.</summary>
    /// <exception cref="IsotopeException">A file is damaged.</exception>
    protected abstract Dataset Open(string root, IReadOnlyList<string> files);
}
