using System.Buffers.Binary;

namespace Isotope.Datasets.Formats;

/// <summary>
/// The IDX files of the MNIST family, plain or compressed by gzip: grey images in <c>…images-idx3-ubyte</c>, and labels beside them in
/// <c>…labels-idx1-ubyte</c>. An id is <c>train/00012</c>; its first part is the beginning of the file's name.
/// </summary>
internal sealed class IdxFiles : RawFormat
{
    private const int ImagesMagic = 0x803;
    private const int LabelsMagic = 0x801;
    private const int ImagesHeader = 16;
    private const int LabelsHeader = 8;
    private const string Images3 = "images-idx3";
    private const string Gzip = ".gz";

    /// <inheritdoc/>
    protected override bool Recognises(string file, ReadOnlySpan<byte> start) =>
        (start.Length >= ImagesHeader && BinaryPrimitives.ReadInt32BigEndian(start) == ImagesMagic)
        || Name(file).Contains(Images3, StringComparison.Ordinal);

    /// <inheritdoc/>
    protected override Dataset Open(DatasetFiles found)
    {
        var (root, files) = (found.Root, found.Files);
        // torchvision leaves a compressed file and the unpacked one side by side.
        string[] own = [.. files.Where(file => !file.EndsWith(Gzip, StringComparison.Ordinal) || !files.Contains(file[..^Gzip.Length]))];
        string[] labels = [.. own.Select(LabelsFile)];
        LabelledImage[] images = [.. own.Zip(labels).SelectMany(pair => List(pair.First, pair.Second))];
        return Make(root, ClassNamesOf(root, images, names: null), images, own, labels) with { Form = "IDX" };
    }

    private static IEnumerable<LabelledImage> List(string file, string labelsFile)
    {
        var bytes = new StoredBytes(file);
        var (count, shape) = Header(bytes);
        var labels = Labels(new StoredBytes(labelsFile), count).Select(label => (int)label);
        return Images(bytes, Split(file), shape, start: ImagesHeader, stride: shape.Length, labels);
    }

    /// <summary>The beginning of a file's name, before "images", such as train.</summary>
    private static string Split(string file)
    {
        var name = Name(file);
        var end = name.IndexOf("images", StringComparison.Ordinal);
        return end > 0 ? name[..end].TrimEnd('-', '.', '_') : Path.GetFileNameWithoutExtension(name);
    }

    private static (int Count, RawShape Shape) Header(StoredBytes bytes)
    {
        var numbers = Numbers(bytes, ImagesMagic, ImagesHeader);
        var (count, height, width) = (numbers[1], numbers[2], numbers[3]);
        var pixels = bytes.Length - ImagesHeader;
        var areSizes = count >= 1 && height >= 1 && width >= 1 && (long)height * width <= ImageCodec.MaxPixels;
        if (!areSizes || pixels != (Int128)count * height * width)
            throw new IsotopeException(
                $"{bytes.Path}: expected {count} images of {width} × {height} bytes, as its header says, found {pixels} bytes"
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

    /// <summary>The big-endian numbers of a header, which begins with a magic number.</summary>
    private static int[] Numbers(StoredBytes bytes, int magic, int length)
    {
        if (bytes.Length < length)
            throw new IsotopeException($"{bytes.Path}: expected an IDX file with a header of {length} bytes, found {bytes.Length} bytes");
        var numbers = bytes.Read(0, length).Chunk(sizeof(int)).Select(number => BinaryPrimitives.ReadInt32BigEndian(number)).ToArray();
        return numbers[0] == magic
            ? numbers
            : throw new IsotopeException($"{bytes.Path}: expected an IDX file of magic 0x{magic:x8}, found 0x{numbers[0]:x8}");
    }

    /// <summary>The file of labels beside the images, plain or compressed.</summary>
    private static string LabelsFile(string file)
    {
        var name = Name(file).Replace("images", "labels", StringComparison.Ordinal).Replace("idx3", "idx1", StringComparison.Ordinal);
        return FilesBeside(file, [name, name + Gzip]).FirstOrDefault()
            ?? throw new IsotopeException($"{file}: expected labels in {name} or {name}{Gzip} beside it, found none");
    }

    /// <summary>The name of a file, without the extension of gzip.</summary>
    private static string Name(string file)
    {
        var name = Path.GetFileName(file);
        return name.EndsWith(Gzip, StringComparison.Ordinal) ? name[..^Gzip.Length] : name;
    }
}
