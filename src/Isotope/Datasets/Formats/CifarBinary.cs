using Isotope.Files;

namespace Isotope.Datasets.Formats;

/// <summary>
/// CIFAR's binary batches: records of a label (CIFAR-10), or of a coarse and a fine label (CIFAR-100), and of 3,072 bytes of pixels,
/// channel by channel. An id is <c>data_batch_1/00012</c>.
/// </summary>
internal sealed class CifarBinary : RawFormat
{
    /// <summary>The shape of CIFAR's images.</summary>
    public static readonly RawShape Shape = new(32, 32, 3);

    private static readonly string[] NameFiles = ["batches.meta.txt", "fine_label_names.txt"];

    /// <inheritdoc/>
    protected override bool Recognises(string file, ReadOnlySpan<byte> start) =>
        Path.GetExtension(file) == ".bin" && LabelsPerRecord(file) > 0;

    /// <inheritdoc/>
    protected override Dataset Open(DatasetFiles found)
    {
        var (root, files) = (found.Root, found.Files);
        LabelledImage[] images = [.. files.SelectMany(List)];
        var nameFiles = FilesBeside(files[0], NameFiles);
        var classes = LabelsPerRecord(files[0]) == 2 ? 100 : 10;
        string[]? names = nameFiles is [.., var last] ? [.. File.ReadLines(last).Where(line => line.Length > 0).Take(classes)] : null;
        return Make(root, ClassNamesOf(root, images, names), images, files, nameFiles) with { Form = "CIFAR, binary" };
    }

    private static IEnumerable<LabelledImage> List(string file)
    {
        var labels = LabelsPerRecord(file);
        var record = labels + Shape.Length;
        var name = Path.GetFileNameWithoutExtension(file);
        return Images(new StoredBytes(file), name, Shape, start: labels, stride: record, Labels(file, record, labels - 1));
    }

    /// <summary>The label at an offset in each record.</summary>
    private static int[] Labels(string file, int record, int offset) =>
        UntrustedFile.Read(
            file,
            stream =>
            {
                var labels = new int[stream.Length / record];
                for (var i = 0; i < labels.Length; i++)
                {
                    stream.Position = (long)i * record + offset;
                    labels[i] = stream.ReadByte();
                }

                return labels;
            }
        );

    /// <summary>1 or 2, as the size of the file tells; 0 if it is another file.</summary>
    private static int LabelsPerRecord(string file)
    {
        var length = new FileInfo(file).Length;
        if (length == 0)
            return 0;
        if (length % (Shape.Length + 1) == 0)
            return 1;
        return length % (Shape.Length + 2) == 0 ? 2 : 0;
    }
}
