using Isotope.Datasets;
using Isotope.Datasets.Formats;
using Isotope.Files;
using Isotope.Runs;

namespace Isotope.Marking;

/// <summary>
/// Writes image files below a folder: in class folders, where a list names them, or by their ids if only marked ones are written.
/// </summary>
internal sealed class FileOutput(Dataset dataset, DatasetMarkingOptions options) : MarkedOutput
{
    private const int ReportEvery = 64;

    /// <summary>Folders to put the images of each class in; null if their ids already are the paths to write.</summary>
    private readonly string[]? classFolders =
        options.AsFolder && (dataset.Container is not null || dataset.List is not null) ? ClassFolders(dataset) : null;

    /// <summary>The dataset's list, which is written again with the new names; null if there is none.</summary>
    private readonly ImageEncoding encoding = options.FileEncoding;
    private readonly ImageList? list = options.AsFolder ? null : dataset.List;

    /// <inheritdoc/>
    public override string MarkedId(LabelledImage image) =>
        list is not null && encoding.Format == ImageFormat.Original ? image.Id : encoding.NameOf(PathOf(image), image.Source);

    /// <inheritdoc/>
    public override string UnmarkedId(LabelledImage image) => options.UniformEncoding ? MarkedId(image) : PathOf(image);

    /// <inheritdoc/>
    public override EncodedImage Encode(LabelledImage original, PixelImage marked) => encoding.Encode(original.Source, marked);

    /// <inheritdoc/>
    public override string FolderOfMarked(string output) => options.OnlyMarked ? output : base.FolderOfMarked(output);

    /// <summary>
    /// Writes all images in the dataset's order, so that not even the order of inodes reveals which are marked: the marked ones, the others
    /// byte for byte or encoded like these, and the list.
    /// </summary>
    /// <inheritdoc/>
    public override void Assemble(
        string output,
        IReadOnlyList<(LabelledImage Original, MarkedImage Marked)> marked,
        IProgress<StageProgress>? progress,
        CancellationToken cancellation
    )
    {
        if (options.OnlyMarked)
            return;
        var files = marked.ToDictionary(pair => pair.Original, pair => pair.Marked.File);
        var count = dataset.Images.Count;
        foreach (var (i, image) in dataset.Images.Index())
        {
            cancellation.ThrowIfCancellationRequested();
            if (files.TryGetValue(image, out var file))
                Write(output, file, () => File.ReadAllBytes(Path.Combine(FolderOfMarked(output), file)));
            else if (options.UniformEncoding)
                Write(output, MarkedId(image), () => Encode(image, image.Source.Decode()).Bytes);
            else
                Copy(image, output);
            if (i % ReportEvery == 0 || i == count - 1)
                progress?.Report(new StageProgress("copying", i + 1, count));
        }

        if (!options.AsFolder)
            foreach (var other in dataset.Others)
                CopyOther(other, output);
        if (list is not null)
            WriteList(list, image => options.UniformEncoding || files.ContainsKey(image), output);
    }

    private static void Write(string output, string file, Func<byte[]> read)
    {
        if (!File.Exists(Path.Combine(output, file)))
            AtomicFile.WriteBelow(output, file, stream => stream.Write(read()));
    }

    /// <summary>
    /// Copies an image that is not marked. An id without an extension (of a row, or of raw pixels) gets that of the content, unless a list
    /// names the file.
    /// </summary>
    private void Copy(LabelledImage image, string output)
    {
        var path = PathOf(image);
        var keepsName = ImageFolder.IsImage(image.Id) || list is not null;
        if (keepsName && File.Exists(Path.Combine(output, path)))
            return;
        if (keepsName && IsPlainFileBelow(image.Source) && !encoding.WithoutMetadata && !OtherFiles.IsSecret(image.Source.File))
        {
            CopyFile(image.Source.File, path, output); // whatever it holds: only the marked ones have to be images
            return;
        }

        var bytes = encoding.Copy(image.Source);

        // This refuses files that are not images: a list or a link may lead to any file, such as a key.
        var extension = ImageCodec.ExtensionOf(image.Source.Name, bytes);
        var file = keepsName ? path : path + extension;
        Write(output, file, () => bytes);
    }

    private bool IsPlainFileBelow(ImageSource source) =>
        source is FileSource && list is null && !new FileInfo(source.File).Attributes.HasFlag(FileAttributes.ReparsePoint);

    private void CopyOther(string other, string output)
    {
        var file = DatasetPath.Relative(DatasetPath.FolderOf(dataset.Root), other);
        if (!File.Exists(Path.Combine(output, file)))
            CopyFile(other, file, output);
    }

    private static void CopyFile(string from, string file, string output) =>
        UntrustedFile.Read(
            from,
            source =>
            {
                AtomicFile.WriteBelow(output, file, source.CopyTo);
                return true;
            }
        );

    private void WriteList(ImageList list, Func<LabelledImage, bool> isEncoded, string output)
    {
        var renamed = dataset.Images.Where(image => isEncoded(image) && MarkedId(image) != image.Id);
        var paths = renamed.ToDictionary(image => image.Id, MarkedId, StringComparer.Ordinal);
        AtomicFile.WriteBelow(output, Path.GetFileName(list.Path), stream => list.Rewrite(paths, stream));
    }

    private string PathOf(LabelledImage image)
    {
        var folder = classFolders?[image.Label];
        return folder is null || image.Id.StartsWith(folder + '/', StringComparison.Ordinal) ? image.Id : $"{folder}/{image.Id}";
    }

    private static string[] ClassFolders(Dataset dataset)
    {
        var used = dataset.Images.Select(image => image.Label).ToHashSet();
        foreach (var (label, name) in dataset.ClassNames.Index())
            if (!used.Contains(label))
                throw new IsotopeException(
                    $"--as-folder: expected an image of each class, so that folders keep the classes' numbers, found none of {name}"
                );
        return ImageFolder.NamesOf(dataset.ClassNames);
    }
}
