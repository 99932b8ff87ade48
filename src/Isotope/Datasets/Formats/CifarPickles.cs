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
    private static readonly string[] NameFiles = ["batches.meta", "meta"];
    private static readonly string[] LabelKeys = ["labels", "fine_labels"];
    private static readonly string[] NameKeys = ["label_names", "fine_label_names"];

    /// <inheritdoc/>
    protected override bool Recognises(string file, ReadOnlySpan<byte> start) =>
        start is [0x80, >= 2 and <= 5, ..]
        && !Path.GetFileName(file).Contains("meta", StringComparison.Ordinal)
        && !Path.HasExtension(file);

    /// <inheritdoc/>
    protected override Dataset Open(string root, IReadOnlyList<string> files)
    {
        LabelledImage[] images = [.. files.SelectMany(List)];
        var nameFiles = FilesBeside(files[0], NameFiles);
        var names = nameFiles is [var first, ..] ? Read(first, stream => Texts(Find(Load(stream), NameKeys))) : null;
        return Make(root, ClassNamesOf(root, images, names), images, files, nameFiles);
    }

    private static IEnumerable<LabelledImage> List(string file)
    {
        var (start, labels) = Read(
            file,
            stream =>
            {
                var batch = Load(stream);
                var images = FindImages(Find(batch, ["data"]));
                return (images.Start, Labels(Find(batch, LabelKeys), images.Count));
            }
        );
        return Images(new StoredBytes(file), Path.GetFileName(file), CifarBinary.Shape, start, CifarBinary.Shape.Length, labels);
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

    /// <summary>The position and number of the images in the array of pixels.</summary>
    private static (long Start, int Count) FindImages(object data)
    {
        var state = data is PickleInstance { Type: Array, State: object?[] fields } ? fields : null;

        // The fields are version, shape, type, whether columns come first, and the bytes.
        if (
            state is [1L, object?[] and [>= 1L and long count, long length], PickleInstance { Type: Bytes }, false, PickleBytes bytes]
            && length == CifarBinary.Shape.Length
            && bytes.Length / length == count
            && bytes.Length % length == 0
        )
            return (bytes.Position, (int)count);
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
            "numpy.dtype" => new PickleGlobal("numpy.dtype", DataType),
            Array => new PickleGlobal(Array),
            var other => throw PickleGlobal.Refused(other),
        };

        PickleInstance DataType(object?[] arguments) =>
            arguments is ["u1" or "|u1", ..] ? new PickleInstance(Bytes) : throw Unexpected("an array of bytes (u1)", "another");
    }
}
