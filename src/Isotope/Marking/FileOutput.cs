using Isotope.Datasets;
using Isotope.Datasets.Formats;

namespace Isotope.Marking;

/// <summary>Image files below a folder: in class folders, as a list names them, or, where only marked ones are written, by their ids.</summary>
internal sealed class FileOutput(Dataset dataset, DatasetMarkingOptions options) : MarkedOutput
{
    private const int ReportEvery = 64;
    private readonly string[]? classFolders = options.AsFolder && (dataset.Container is not null || dataset.List is not null) ? ClassFolders(dataset) : null;

    /// <inheritdoc/>
    public override string MarkedId(LabelledImage image) => Dataset.Stem(Place(image)) + options.Encoding.Extension;

    /// <inheritdoc/>
    public override string UnmarkedId(LabelledImage image) => Place(image);

    /// <inheritdoc/>
    public override EncodedImage Encode(LabelledImage original, PixelImage marked) => options.Encoding.Encode(original.Source.Name, marked);

    /// <inheritdoc/>
    public override string FolderOfMarked(string output) => output;

    /// <summary>Copies the images that are not marked, byte for byte, and writes the list.</summary>
    /// <inheritdoc/>
    public override void Assemble(
        string output, IReadOnlyList<(LabelledImage Original, MarkedImage Marked)> marked, IProgress<StageProgress>? progress, CancellationToken cancellation)
    {
        if (options.OnlyMarked) return;
        LabelledImage[] rest = [.. dataset.Images.Except(marked.Select(pair => pair.Original))];
        for (var i = 0; i < rest.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            Copy(rest[i], output);
            if (i % ReportEvery == 0 || i == rest.Length - 1) progress?.Report(new StageProgress("copying", i + 1, rest.Length));
        }

        if (dataset.List is not { } list || options.AsFolder) return;
        var paths = marked.ToDictionary(pair => pair.Original.Id, pair => pair.Marked.File, StringComparer.Ordinal);
        MarkingRun.WriteInto(output, Path.GetFileName(list.Path), stream => list.Rewrite(paths, stream));
    }

    /// <summary>An id without an extension, of a row or of raw pixels, gets that of the content.</summary>
    private void Copy(LabelledImage image, string output)
    {
        var file = ImageFolder.IsImage(image.Id) ? Place(image) : Place(image) + ImageCodec.ExtensionOf(image.Source.Name, image.Source.ReadEncoded());
        if (!File.Exists(Path.Combine(output, file))) MarkingRun.WriteInto(output, file, stream => stream.Write(image.Source.ReadEncoded()));
    }

    private string Place(LabelledImage image)
    {
        var folder = classFolders?[image.Label];
        return folder is null || image.Id.StartsWith(folder + '/', StringComparison.Ordinal) ? image.Id : $"{folder}/{image.Id}";
    }

    /// <summary>Names of folders in whose order the labels are: those of the classes, with their numbers before them where that takes it.</summary>
    private static string[] ClassFolders(Dataset dataset)
    {
        var names = dataset.ClassNames;
        if (names.Index().Select(name => name.Index).Except(dataset.Images.Select(image => image.Label)).ToArray() is [var empty, ..])
            throw new IsotopeException($"--as-folder: expected an image of each class, so that folders keep the classes' numbers, found none of {names[empty]}");
        var areFolders = names.All(name => DatasetPath.SafeId(name) is { } id && !id.Contains('/')) && names.SequenceEqual(names.Order(StringComparer.Ordinal));
        return [.. names.Select((name, label) => areFolders ? name : $"{label.ToString($"D{names.Count.ToString().Length}")}-{string.Concat(name.Select(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_' or ',' ? c : '_'))}")];
    }
}
