using System.Text;
using Isotope.Pickles;
using static Isotope.Files.UntrustedFile;

namespace Isotope.Datasets.Formats;

/// <summary>
/// CIFAR's batches for Python: pickles of an array of bytes and a list of labels. Nothing in them is executed, and the pixels stay in the
/// file. An id is <c>data_batch_1/00012</c>, as in the binary batches.
/// </summary>
internal sealed class CifarPickles : RawFormat
{
    private const string Array = "numpy.ndarray";
    private const string Bytes = "numpy.dtype of bytes";
    private const long LongestText = 1L << 30;
    private static readonly string[] NameFiles = ["batches.meta", "meta"];
    private static readonly string[] LabelKeys = ["labels", "fine_labels"];
    private static readonly string[] NameKeys = ["label_names", "fine_label_names"];

    /// <inheritdoc/>
    protected override bool Recognises(string file, ReadOnlySpan<byte> start) =>
        start is [0x80, >= 2 and <= 5, ..]
        && !Path.GetFileName(file).Contains("meta", StringComparison.Ordinal)
        && !Path.HasExtension(file);

    /// <inheritdoc/>
    protected override Dataset Open(DatasetFiles found)
    {
        var (root, files) = (found.Root, found.Files);
        LabelledImage[] images = [.. files.SelectMany(List)];
        var nameFiles = FilesBeside(files[0], NameFiles);
        var names = nameFiles is [var first, ..] ? Read(first, stream => Texts(Find(Load(stream), NameKeys))) : null;
        return Make(root, ClassNamesOf(root, images, names), images, files, nameFiles) with { Form = "CIFAR, pickles" };
    }

    /// <inheritdoc/>
    public override void Rewrite(string file, IReadOnlyList<Replacement> replacements, Stream output)
    {
        var (place, _, _) = ReadBatch(file);
        if (!place.IsText)
        {
            base.Rewrite(file, replacements, output);
            return;
        }

        var pixels = Pixels(file, place).Read(0, checked((int)Pixels(file, place).Length));
        foreach (var image in replacements)
            image.Read().CopyTo(pixels, ((RawSource)image.Source).Offset);
        var text = Encoding.UTF8.GetBytes(Encoding.Latin1.GetString(pixels));
        using var source = File.OpenRead(file);
        StoredBytes.Copy(source, output, place.Position - sizeof(uint));
        output.Write(BitConverter.GetBytes((uint)text.Length));
        output.Write(text);
        source.Position = place.Position + place.Length;
        source.CopyTo(output);
    }

    private static IEnumerable<LabelledImage> List(string file)
    {
        var (place, count, labels) = ReadBatch(file);
        var bytes = Pixels(file, place);
        if (bytes.Length != (long)count * CifarBinary.Shape.Length)
            throw new IsotopeException($"{file}: expected {count} images of {CifarBinary.Shape.Length} bytes, found {bytes.Length} bytes");
        return Images(bytes, Path.GetFileName(file), CifarBinary.Shape, 0, CifarBinary.Shape.Length, labels);
    }

    private static (PickleBytes Place, int Count, int[] Labels) ReadBatch(string file) =>
        Read(
            file,
            stream =>
            {
                var batch = Load(stream);
                var images = FindImages(Find(batch, ["data"]));
                return (images.Place, images.Count, Labels(Find(batch, LabelKeys), images.Count));
            }
        );

    /// <summary>The pixels where they lie, or decoded: in protocol 2, Python 3 stores them as text.</summary>
    private static StoredBytes Pixels(string file, PickleBytes place)
    {
        if (!place.IsText)
            return new StoredBytes(file, place.Position, place.Length);
        if (place.Length > LongestText)
            throw new IsotopeException(
                $"{file}: expected at most {LongestText >> 20} MiB of text, found {place.Length >> 20}; pickle by protocol 4"
            );
        var text = Encoding.UTF8.GetString(new StoredBytes(file, place.Position, place.Length).Read(0, (int)place.Length));
        return text.All(c => c <= byte.MaxValue)
            ? new StoredBytes(file, Encoding.Latin1.GetBytes(text))
            : throw new IsotopeException($"{file}: expected a byte for each character of the pixels, found others");
    }

    private static PickleDictionary Load(Stream stream) =>
        PickleValue.As<PickleDictionary>(PickleMachine.Run(stream, Allowed, leaveBytes: true), "a dictionary of CIFAR");

    /// <summary>The value of the first of some keys that there is; Python 3 may have written keys as bytes.</summary>
    private static object Find(PickleDictionary batch, string[] keys) =>
        keys.SelectMany(key => batch.Where(item => IsKey(item.Key, key))).FirstOrDefault().Value
        ?? throw Unexpected($"{string.Join(" or ", keys)} in a batch of CIFAR", "none");

    private static bool IsKey(object? value, string key) =>
        value switch
        {
            string text => text == key,
            byte[] bytes => bytes.SequenceEqual(Encoding.ASCII.GetBytes(key)),
            _ => false,
        };

    /// <summary>The place and number of the images in the array of pixels.</summary>
    private static (PickleBytes Place, int Count) FindImages(object data)
    {
        var state = data is PickleInstance { Type: Array, State: object?[] fields } ? fields : null;

        // The fields are version, shape, type, whether columns come first, and the bytes.
        if (
            state is [1L, object?[] and [>= 1L and long count, long length], PickleInstance { Type: Bytes }, false, PickleBytes bytes]
            && length == CifarBinary.Shape.Length
            && (bytes.IsText ? count <= bytes.Length / length : bytes.Length / length == count && bytes.Length % length == 0)
        )
            return (bytes, (int)count);
        throw Unexpected(
            $"an array of images × {CifarBinary.Shape.Length} bytes, in row order, as data",
            PickleValue.Describe((data as PickleInstance)?.State ?? data)
        );
    }

    private static int[] Labels(object labels, int count) =>
        labels is List<object?> list && list.Count == count && list.TrueForAll(label => label is long and >= 0 and < 1000)
            ? [.. list.Select(label => (int)(long)label!)]
            : throw Unexpected($"a list of {count} labels", PickleValue.Describe(labels));

    private static string[] Texts(object names)
    {
        return [.. PickleValue.As<List<object?>>(names, "a list of names").Select(Text)];

        string Text(object? name) =>
            name is byte[] bytes ? Encoding.UTF8.GetString(bytes) : PickleValue.As<string>(name, "a name of a class");
    }

    /// <summary>Allows an array of bytes and its type, and refuses every other name.</summary>
    private static PickleGlobal Allowed(string module, string name)
    {
        return $"{module}.{name}" switch
        {
            "numpy.core.multiarray._reconstruct" => new PickleGlobal(Array, _ => new PickleInstance(Array)),
            "numpy._core.multiarray._reconstruct" => new PickleGlobal(Array, _ => new PickleInstance(Array)),
            "numpy.core.numeric._frombuffer" => new PickleGlobal(Array, FromBuffer),
            "numpy._core.numeric._frombuffer" => new PickleGlobal(Array, FromBuffer),
            "_codecs.encode" => new PickleGlobal("bytes", Encode),
            "numpy.dtype" => new PickleGlobal("numpy.dtype", DataType),
            Array => new PickleGlobal(Array),
            var other => throw PickleGlobal.Refused(other),
        };

        // Protocol 5: the bytes, their type, the shape, and the order.
        PickleInstance FromBuffer(object?[] arguments) =>
            arguments is [var bytes, var type, var shape, var order]
                ? new PickleInstance(Array) { State = new[] { 1L, shape, type, order is not "C", bytes } }
                : throw Unexpected("an array of four parts", arguments.Length);

        // Protocol 2: Python 3 writes bytes as text.
        object Encode(object?[] arguments) =>
            arguments switch
            {
                [PickleBytes { IsText: true } bytes, "latin1"] => bytes,
                [string text, "latin1"] when text.All(c => c <= byte.MaxValue) => Encoding.Latin1.GetBytes(text),
                _ => throw Unexpected("bytes as Latin-1 text", "others"),
            };

        PickleInstance DataType(object?[] arguments) =>
            arguments is ["u1" or "|u1", ..] ? new PickleInstance(Bytes) : throw Unexpected("an array of bytes (u1)", "another");
    }
}
