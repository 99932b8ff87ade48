using Isotope.Datasets;
using Isotope.Datasets.Formats;
using Isotope.Runs;

namespace Isotope.Marking;

/// <summary>
/// Image files below a folder: in class folders, as a list names them, or, where only marked ones are written, by their ids.
/// </summary>
internal sealed class FileOutput(Dataset dataset, DatasetMarkingOptions options) : MarkedOutput
{
    private const int ReportEvery = 64;
    private readonly string[]? classFolders =
        options.AsFolder && (dataset.Container is not null || dataset.List is not null) ? ClassFolders(dataset) : null;

    /// <summary>The list that is written again and names the files; null where there is none.</summary>
    private readonly ImageList? list = options.AsFolder ? null : dataset.List;

    /// <inheritdoc/>
    public override string MarkedId(LabelledImage image) => Dataset.Stem(Place(image)) + options.Encoding.Extension;

    /// <inheritdoc/>
    public override string UnmarkedId(LabelledImage image) => options.UniformEncoding ? MarkedId(image) : Place(image);

    /// <inheritdoc/>
    public override EncodedImage Encode(LabelledImage original, PixelImage marked) =>
        options.FileEncoding.Encode(original.Source.Name, marked);

    /// <inheritdoc/>
    public override string FolderOfMarked(string output) => options.UniformEncoding ? base.FolderOfMarked(output) : output;

    /// <summary>Writes the images that are not marked, byte for byte or encoded as the marked ones are, and the list.</summary>
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
        LabelledImage[] left = [.. dataset.Images.Where(image => options.UniformEncoding || !files.ContainsKey(image))];
        foreach (var (i, image) in left.Index())
        {
            cancellation.ThrowIfCancellationRequested();
            if (options.UniformEncoding)
                WriteUniform(image, files.GetValueOrDefault(image), output);
            else
                Copy(image, output);
            if (i % ReportEvery == 0 || i == left.Length - 1)
                progress?.Report(new StageProgress("copying", i + 1, left.Length));
        }

        if (list is null)
            return;
        var renamed = dataset.Images.Where(image => (options.UniformEncoding || files.ContainsKey(image)) && MarkedId(image) != image.Id);
        var paths = renamed.ToDictionary(image => image.Id, MarkedId, StringComparer.Ordinal);
        MarkingRun.WriteInto(output, Path.GetFileName(list.Path), stream => list.Rewrite(paths, stream));
    }

    /// <summary>Marked or not, in the dataset's order: not even the order of inodes tells.</summary>
    private void WriteUniform(LabelledImage image, string? marked, string output)
    {
        if (File.Exists(Path.Combine(output, MarkedId(image))))
            return;
        var bytes = marked is null
            ? Encode(image, image.Source.Decode()).Bytes
            : File.ReadAllBytes(Path.Combine(FolderOfMarked(output), marked));
        MarkingRun.WriteInto(output, MarkedId(image), stream => stream.Write(bytes));
    }

    /// <summary>
    /// An id without an extension, of a row or of raw pixels, gets that of the content; a list goes on naming files as it did.
    /// </summary>
    private void Copy(LabelledImage image, string output)
    {
        var keepsName = ImageFolder.IsImage(image.Id) || list is not null;
        var place = Place(image);
        if (keepsName && File.Exists(Path.Combine(output, place)))
            return;
        var bytes = image.Source.ReadEncoded();
        var extension = ImageCodec.ExtensionOf(image.Source.Name, bytes); // refuses what is no image: a list or a link may name any file, such as a key
        var file = keepsName ? place : place + extension;
        if (!File.Exists(Path.Combine(output, file)))
            MarkingRun.WriteInto(output, file, stream => stream.Write(bytes));
    }

    private string Place(LabelledImage image)
    {
        var folder = classFolders?[image.Label];
        return folder is null || image.Id.StartsWith(folder + '/', StringComparison.Ordinal) ? image.Id : $"{folder}/{image.Id}";
    }

    private static string[] ClassFolders(Dataset dataset)
    {
        var names = dataset.ClassNames;
        return names.Index().Select(name => name.Index).Except(dataset.Images.Select(image => image.Label)).ToArray() is [var empty, ..]
            ? throw new IsotopeException(
                $"--as-folder: expected an image of each class, so that folders keep the classes' numbers, found none of {names[empty]}"
            )
            : ImageFolder.NamesOf(names);
    }
}
