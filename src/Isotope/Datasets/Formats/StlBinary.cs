namespace Isotope.Datasets.Formats;

/// <summary>
/// STL-10's files: <c>train_X.bin</c> of images of 96 × 96 pixels, channel by channel and column by column, and <c>train_y.bin</c> of
/// labels from 1. An id is <c>train/00012</c>.
/// </summary>
internal sealed class StlBinary : RawFormat
{
    private const string ImagesEnd = "_X.bin";
    private const string LabelsEnd = "_y.bin";
    private static readonly RawShape Shape = new(96, 96, 3, PixelOrder.PlanarColumns);

    /// <inheritdoc/>
    protected override bool Recognises(string file, ReadOnlySpan<byte> start) =>
        file.EndsWith(ImagesEnd, StringComparison.Ordinal) && new FileInfo(file).Length is > 0 and var length && length % Shape.Length == 0;

    /// <inheritdoc/>
    protected override Dataset Open(DatasetFiles found)
    {
        string[] labels = [.. found.Files.Select(LabelsOf)];
        LabelledImage[] images = [.. found.Files.Zip(labels, List).SelectMany(listed => listed)];
        var nameFiles = FilesBeside(found.Files[0], ["class_names.txt"]);
        string[]? names = nameFiles is [var first] ? [.. File.ReadLines(first).Where(line => line.Length > 0).Take(10)] : null;
        return Make(found.Root, ClassNamesOf(found.Root, images, names), images, found.Files, [.. labels, .. nameFiles]) with
        {
            Form = "STL-10",
        };
    }

    private static string LabelsOf(string file)
    {
        var labels = file[..^ImagesEnd.Length] + LabelsEnd;
        return File.Exists(labels)
            ? labels
            : throw new IsotopeException($"{file}: expected labels in {Path.GetFileName(labels)} beside it, found none");
    }

    private static IEnumerable<LabelledImage> List(string file, string labelsFile)
    {
        var (images, labels) = (new StoredBytes(file), new StoredBytes(labelsFile));
        var count = images.Length / Shape.Length;
        if (labels.Length != count)
            throw new IsotopeException($"{labelsFile}: expected {count} labels, as many as images, found {labels.Length}");
        var numbers = labels.Read(0, (int)count).Select(label => label - 1);
        return RawFormat.Images(images, Path.GetFileName(file)[..^ImagesEnd.Length], Shape, 0, Shape.Length, numbers);
    }
}
