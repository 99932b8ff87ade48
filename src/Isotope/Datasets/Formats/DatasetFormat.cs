namespace Isotope.Datasets.Formats;

/// <summary>A way of storing images other than as files in class folders: how it is recognised and listed.</summary>
internal abstract class DatasetFormat
{
    /// <summary>What errors call all of them.</summary>
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

    /// <summary>Opens a path of one of these formats; null where it is none.</summary>
    /// <exception cref="IsotopeException">It is one, and damaged; or a pattern that no file has.</exception>
    public static Dataset? Open(string path)
    {
        var files = DatasetPath.FilesOf(path).Select(file => (Path: file, Start: DatasetPath.StartOf(file))).ToArray();
        foreach (var format in All)
        {
            string[] own =
            [
                .. files
                    .Where(file => format.Recognises(file.Path, file.Start) && (format.IsInFolders || file.Path == path))
                    .Select(file => file.Path),
            ];
            if (own.Length > 0)
                return format.Open(path, DatasetPath.TrainingOf(own));
        }

        return null;
    }

    /// <summary>Whether such files are looked for in a folder that is given.</summary>
    protected virtual bool IsInFolders => true;

    /// <summary>Whether a file is of this format, by its name and first bytes.</summary>
    protected abstract bool Recognises(string file, ReadOnlySpan<byte> start);

    /// <summary>Lists the images of files that were recognised.</summary>
    /// <exception cref="IsotopeException">They are damaged.</exception>
    protected abstract Dataset Open(string root, IReadOnlyList<string> files);
}
