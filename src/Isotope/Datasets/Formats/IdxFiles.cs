using System.Buffers.Binary;

namespace Isotope.Datasets.Formats;

/// <summary>
/// The IDX files of the MNIST family, plain or gzip: grey images in <c>…images-idx3-ubyte</c>, labels in <c>…labels-idx1-ubyte</c> beside.
/// Ids are <c>train/00012</c>, the first part as the file is named.
/// </summary>
internal sealed class IdxFiles : RawFormat
{
    private const int ImagesMagic = 0x803,
        LabelsMagic = 0x801,
        ImagesHeader = 16,
        LabelsHeader = 8;
    private const string Images3 = "images-idx3",
        Gzip = ".gz";

    /// <inheritdoc/>
    protected override bool Recognises(string file, ReadOnlySpan<byte> start) =>
        (start.Length >= ImagesHeader && BinaryPrimitives.ReadInt32BigEndian(start) == ImagesMagic)
        || Name(file).Contains(Images3, StringComparison.Ordinal);

    /// <inheritdoc/>
    protected override Dataset Open(string root, IReadOnlyList<string> files)
    {
        files = [.. files.Where(file => !file.EndsWith(Gzip, StringComparison.Ordinal) || !files.Contains(file[..^Gzip.Length]))]; // torchvision leaves both
        var parts = files.Select(file => (Labels: LabelsFile(file), Images: List(file, LabelsFile(file)))).ToArray();
        LabelledImage[] images = [.. parts.SelectMany(part => part.Images)];
        var (names, _) = ClassLabels.Of(root, [.. images.Select(image => (long)image.Label)], names: null);
        return Make(root, names, images, files, [.. parts.Select(part => part.Labels)]);
    }

    private static IEnumerable<LabelledImage> List(string file, string labelsFile)
    {
        var (bytes, stored) = (new StoredBytes(file), new StoredBytes(labelsFile));
        var (count, shape) = Header(bytes);
        var labels = Labels(stored, count).Select(label => (int)label);
        var name = Name(file);
        var images = name.IndexOf("images", StringComparison.Ordinal);
        return Images(
            bytes,
            images > 0 ? name[..images].TrimEnd('-', '.', '_') : Path.GetFileNameWithoutExtension(name),
            shape,
            ImagesHeader,
            shape.Length,
            labels
        );
    }

    private static (int Count, RawShape Shape) Header(StoredBytes bytes)
    {
        var numbers = Numbers(bytes, ImagesMagic, ImagesHeader);
        var (count, height, width) = (numbers[1], numbers[2], numbers[3]);
        if (
            count < 1
            || height < 1
            || width < 1
            || (long)height * width > ImageCodec.MaxPixels
            || bytes.Length - ImagesHeader != (Int128)count * height * width
        )
            throw new IsotopeException(
                $"{bytes.Path}: expected {count} images of {width} × {height} bytes, as its header says, found "
                    + $"{bytes.Length - ImagesHeader} bytes"
            );
        CheckCount(bytes.Path, count);
        return (count, new RawShape(width, height, 1));
    }

    private static byte[] Labels(StoredBytes bytes, int count)
    {
        var labels = Numbers(bytes, LabelsMagic, LabelsHeader)[1];
        return labels == count && bytes.Length == LabelsHeader + count
            ? bytes.Read(LabelsHeader, count)
            : throw new IsotopeException(
                $"{bytes.Path}: expected {count} labels, as many as images, found {labels} in {bytes.Length} bytes"
            );
    }

    private static int[] Numbers(StoredBytes bytes, int magic, int length)
    {
        if (bytes.Length < length)
            throw new IsotopeException($"{bytes.Path}: expected an IDX file with a header of {length} bytes, found {bytes.Length} bytes");
        var header = bytes.Read(0, length);
        int[] numbers =
        [
            .. Enumerable.Range(0, length / sizeof(int)).Select(i => BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(i * sizeof(int)))),
        ];
        return numbers[0] == magic
            ? numbers
            : throw new IsotopeException($"{bytes.Path}: expected an IDX file of magic 0x{magic:x8}, found 0x{numbers[0]:x8}");
    }

    /// <summary>The labels' file, packed or not, whichever lies beside.</summary>
    private static string LabelsFile(string file)
    {
        var name = Name(file).Replace("images", "labels", StringComparison.Ordinal).Replace("idx3", "idx1", StringComparison.Ordinal);
        var path = Path.Combine(Path.GetDirectoryName(file)!, name);
        return new[] { path, path + Gzip }.FirstOrDefault(File.Exists)
            ?? throw new IsotopeException($"{file}: expected labels in {name} or {name}{Gzip} beside it, found none");
    }

    private static string Name(string file) =>
        Path.GetFileName(file) is var name && name.EndsWith(Gzip, StringComparison.Ordinal) ? name[..^Gzip.Length] : name;
}
