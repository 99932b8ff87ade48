using Isotope.Pickles;
using static Isotope.Files.UntrustedFile;

namespace Isotope.Datasets.Formats;

/// <summary>
/// CIFAR's batches for Python: pickles of an array of bytes and a list of labels, of which nothing is run. The pixels stay in the file.
/// Ids are <c>data_batch_1/00012</c>, as in the binary batches.
/// </summary>
internal sealed class CifarPickles : RawFormat
{
    private const string Array = "numpy.ndarray",
        Bytes = "numpy.dtype of bytes";
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
        string[] beside = [.. NameFiles.Select(name => Path.Combine(Path.GetDirectoryName(files[0])!, name)).Where(File.Exists)];
        var names = beside.Length > 0 ? Read(beside[0], stream => Texts(Find(Load(stream), NameKeys))) : null;
        return Make(root, ClassLabels.Of(root, [.. images.Select(image => (long)image.Label)], names).ClassNames, images, files, beside);
    }

    private static IEnumerable<LabelledImage> List(string file)
    {
        var (start, labels) = Read(
            file,
            stream =>
            {
                var batch = Load(stream);
                return (ImagesStart(Find(batch, ["data"]), out var count), Labels(Find(batch, LabelKeys), count));
            }
        );
        return Images(new StoredBytes(file), Path.GetFileName(file), CifarBinary.Shape, start, CifarBinary.Shape.Length, labels);
    }

    private static PickleDictionary Load(Stream stream) =>
        PickleValue.As<PickleDictionary>(PickleMachine.Run(stream, Named, leaveBytes: true), "a dictionary of CIFAR");

    /// <summary>What the first of some keys stands for; Python 3 may have written them as bytes.</summary>
    private static object? Find(PickleDictionary batch, string[] keys) =>
        keys.SelectMany(key =>
                batch.Where(item =>
                    item.Key is string text
                        ? text == key
                        : item.Key is byte[] bytes && bytes.SequenceEqual(System.Text.Encoding.ASCII.GetBytes(key))
                )
            )
            .Select(item => item.Value)
            .FirstOrDefault()
        ?? throw Unexpected($"{string.Join(" or ", keys)} in a batch of CIFAR", "none");

    /// <summary>Where the pixels begin: the state of an array is (version, shape, type, column order, bytes).</summary>
    private static long ImagesStart(object? data, out int count)
    {
        if (
            data
                is not PickleInstance
                {
                    Type: Array,
                    State: object?[]
                        and [1L, object?[] and [long images, long length], PickleInstance { Type: Bytes }, false, PickleBytes bytes]
                }
            || length != CifarBinary.Shape.Length
            || images < 1
            || bytes.Length / length != images
            || bytes.Length % length != 0
        )
            throw Unexpected(
                $"an array of images × {CifarBinary.Shape.Length} bytes, in row order, as data",
                PickleValue.Describe((data as PickleInstance)?.State ?? data)
            );
        count = (int)images;
        return bytes.Position;
    }

    private static int[] Labels(object? labels, int count) =>
        labels is List<object?> list && list.Count == count && list.TrueForAll(label => label is long and >= 0 and < 1000)
            ? [.. list.Select(label => (int)(long)label!)]
            : throw Unexpected($"a list of {count} labels", PickleValue.Describe(labels));

    private static string[] Texts(object? names) =>
        [
            .. PickleValue
                .As<List<object?>>(names, "a list of names")
                .Select(name =>
                    name is byte[] bytes ? System.Text.Encoding.UTF8.GetString(bytes) : PickleValue.As<string>(name, "a name of a class")
                ),
        ];

    /// <summary>An array of bytes and its type, and nothing else.</summary>
    private static PickleGlobal Named(string module, string name) =>
        $"{module}.{name}" switch
        {
            "numpy.core.multiarray._reconstruct" or "numpy._core.multiarray._reconstruct" => new PickleGlobal(
                Array,
                _ => new PickleInstance(Array)
            ),
            "numpy.dtype" => new PickleGlobal(
                "numpy.dtype",
                arguments =>
                    arguments is ["u1" or "|u1", ..] ? new PickleInstance(Bytes) : throw Unexpected("an array of bytes (u1)", "another")
            ),
            Array => new PickleGlobal(Array),
            var other => throw PickleGlobal.Refused(other),
        };
}
