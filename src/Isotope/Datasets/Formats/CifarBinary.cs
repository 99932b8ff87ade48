using Isotope.Files;

namespace Isotope.Datasets.Formats;

/// <summary>
/// CIFAR's binary batches: records of a label (CIFAR-10) or a coarse and a fine label (CIFAR-100), and 3,072 bytes of pixels, channel after
/// channel. Ids are <c>data_batch_1/00012</c>.
/// </summary>
internal sealed class CifarBinary : RawFormat
{
    /// <summary>Every image of CIFAR.</summary>
    public static readonly RawShape Shape = new(32, 32, 3);

    private const int Classes10 = 10,
        Classes100 = 100;
    private static readonly string[] NameFiles = ["batches.meta.txt", "fine_label_names.txt"];

    /// <inheritdoc/>
    protected override bool Recognises(string file, ReadOnlySpan<byte> start) =>
        Path.GetExtension(file) == ".bin" && LabelsPerRecord(file) > 0;

    /// <inheritdoc/>
    protected override Dataset Open(string root, IReadOnlyList<string> files)
    {
        LabelledImage[] images = [.. files.SelectMany(List)];
        string[] beside = [.. NameFiles.Select(name => Path.Combine(Path.GetDirectoryName(files[0])!, name)).Where(File.Exists)];
        var isOf100 = LabelsPerRecord(files[0]) == 2;
        string[]? names =
            beside.Length > 0
                ? [.. File.ReadLines(beside[^1]).Where(line => line.Length > 0).Take(isOf100 ? Classes100 : Classes10)]
                : null;
        return Make(root, ClassLabels.Of(root, [.. images.Select(image => (long)image.Label)], names).ClassNames, images, files, beside);
    }

    private static IEnumerable<LabelledImage> List(string file)
    {
        var labels = LabelsPerRecord(file);
        var record = labels + Shape.Length;
        return Images(
            new StoredBytes(file),
            Path.GetFileNameWithoutExtension(file),
            Shape,
            labels,
            record,
            Labels(file, record, labels - 1)
        );
    }

    private static int[] Labels(string file, int record, int place) =>
        UntrustedFile.Read(
            file,
            stream =>
            {
                var labels = new int[stream.Length / record];
                for (var i = 0; i < labels.Length; i++)
                {
                    stream.Position = (long)i * record + place;
                    labels[i] = stream.ReadByte();
                }

                return labels;
            }
        );

    /// <summary>One label or two, as the size tells; 0 for another file.</summary>
    private static int LabelsPerRecord(string file)
    {
        var length = new FileInfo(file).Length;
        return length == 0 ? 0
            : length % (Shape.Length + 1) == 0 ? 1
            : length % (Shape.Length + 2) == 0 ? 2
            : 0;
    }
}
