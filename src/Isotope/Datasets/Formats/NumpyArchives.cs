using System.Buffers.Binary;
using System.Globalization;
using Isotope.Files;

namespace Isotope.Datasets.Formats;

/// <summary>
/// NumPy's archives of arrays (<c>.npz</c>), as MedMNIST and Keras have them: <c>train_images</c> and <c>train_labels</c>, or
/// <c>x_train</c> and <c>y_train</c>, of each split; or <c>images</c> and <c>labels</c>. Images are N × height × width (× 1 or 3)
/// of bytes. An id is <c>train/00012</c>.
/// </summary>
internal sealed class NumpyArchives : RawFormat
{
    private const long LargestArray = 1L << 30;
    private const string Extension = ".npy";
    private static readonly string[] ImageNames = ["{0}_images", "x_{0}", "X_{0}", "images", "x", "X"];
    private static readonly string[] LabelNames = ["{0}_labels", "y_{0}", "Y_{0}", "labels", "y", "Y"];

    /// <summary>Integers and booleans of NumPy, by the letter and the number of bytes.</summary>
    private static readonly Dictionary<string, Func<ReadOnlySpan<byte>, long>> Integers = new()
    {
        ["b1"] = bytes => bytes[0],
        ["u1"] = bytes => bytes[0],
        ["i1"] = bytes => (sbyte)bytes[0],
        ["u2"] = bytes => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        ["i2"] = bytes => BinaryPrimitives.ReadInt16LittleEndian(bytes),
        ["u4"] = bytes => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        ["i4"] = bytes => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        ["u8"] = bytes => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        ["i8"] = bytes => BinaryPrimitives.ReadInt64LittleEndian(bytes),
    };

    /// <inheritdoc/>
    protected override bool HasSplits => true;

    /// <inheritdoc/>
    protected override bool HasColumns => true;

    /// <inheritdoc/>
    protected override bool Recognises(string file, ReadOnlySpan<byte> start) =>
        Path.GetExtension(file).Equals(".npz", StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    protected override Dataset Open(DatasetFiles found)
    {
        if (found.Files is not [var file])
            throw new IsotopeException($"{found.Root}: expected one NumPy archive, found {found.Files.Count}; name one of them");
        var zip = ZipFile.Open(file);
        var arrays = zip
            .Members.Where(member => member.Name.EndsWith(Extension, StringComparison.Ordinal))
            .ToLookup(member => member.Name[..^Extension.Length]);
        string[] names = [.. arrays.Select(array => array.Key)];
        var images = Choose(file, names, ImageNames, found.Options.ImageColumn, "--image-column", found.Options.Split);
        var labels = Choose(file, names, LabelNames, found.Options.LabelColumn, "--label-column", found.Options.Split);
        var (shape, count, bytes) = Images(zip, arrays[images].First());
        var numbers = Labels(zip, arrays[labels].First(), count);
        var listed = Images(bytes.Bytes, SplitOf(file, images, found.Options.Split), shape, bytes.Start, shape.Length, numbers).ToArray();
        return Make(found.Root, ClassNamesOf(found.Root, listed, names: null), listed, found.Files) with
        {
            Form = $"NumPy archive, arrays {Printable.Start(images)} and {Printable.Start(labels)}",
        };
    }

    /// <inheritdoc/>
    public override void Rewrite(string file, IReadOnlyList<Replacement> replacements, Stream output)
    {
        var zip = ZipFile.Open(file);
        var bytes = ((RawSource)replacements[0].Source).Bytes;
        var member = zip.Members.First(member => member.Name == bytes.Member);
        ZipWriting.Write(zip, new Dictionary<ZipMember, (Func<byte[]>, string?)> { [member] = (Replaced, null) }, output);

        byte[] Replaced()
        {
            var array = zip.Content(member);
            foreach (var image in replacements)
                image.Read().CopyTo(array, ((RawSource)image.Source).Offset);
            return array;
        }
    }

    private static string Choose(string file, string[] names, string[] usual, string? asked, string option, string? split)
    {
        string[] known = [.. usual.Select(name => string.Format(CultureInfo.InvariantCulture, name, Canonical(split)))];
        return Columns.Asked(file, names, asked, option)
            ?? (split is null ? known : known[..3]).FirstOrDefault(names.Contains)
            ?? throw new IsotopeException(
                $"{file}: expected an array {string.Join(", ", known)} or {option}, found "
                    + $"{string.Join(", ", names.Take(12).Select(name => Printable.Start(name)))}"
            );
    }

    private static string Canonical(string? split) => split is null ? "train" : Splits.Canonical(split);

    private static string SplitOf(string file, string images, string? split) =>
        images.Contains(Canonical(split), StringComparison.Ordinal) ? Canonical(split) : Path.GetFileNameWithoutExtension(file);

    private static (RawShape Shape, int Count, (StoredBytes Bytes, long Start) Place) Images(ZipFile zip, ZipMember member)
    {
        var (bytes, name) = (Bytes(zip, member), $"{zip.Path}: {member.Name}");
        var (start, type, isFortran, sizes, _) = NpyFile.ReadHeader(name, Start(bytes));
        var areImages = sizes is [> 0, > 0, > 0] or [> 0, > 0, > 0, 1 or 3];
        if (type != "'|u1'" || isFortran || !areImages)
            throw new IsotopeException(
                $"{name}: expected images of uint8, N × height × width (× 1 or 3), found {Printable.Start(type)} of shape "
                    + $"{string.Join(" × ", sizes)}"
            );
        var shape = (sizes[1], sizes[2], sizes is [_, _, _, var last] ? last : 1);
        if (
            (Int128)sizes[1] * sizes[2] > ImageCodec.MaxPixels
            || (Int128)sizes[0] * sizes[1] * sizes[2] * shape.Item3 != bytes.Length - start
        )
            throw new IsotopeException($"{name}: expected as many bytes as its shape says, found {bytes.Length - start}");
        CheckCount(zip.Path, sizes[0]);
        return (new RawShape((int)sizes[2], (int)sizes[1], (int)shape.Item3, PixelOrder.Interleaved), (int)sizes[0], (bytes, start));
    }

    private static int[] Labels(ZipFile zip, ZipMember member, int count)
    {
        var (bytes, name) = (Bytes(zip, member), $"{zip.Path}: {member.Name}");
        var (start, type, _, sizes, _) = NpyFile.ReadHeader(name, Start(bytes));
        var kind = type.Trim('\'').TrimStart('|', '<');
        if (sizes is not ([_] or [_, 1]) || !Integers.TryGetValue(kind, out var read))
            throw new IsotopeException(
                $"{name}: expected one whole number for each image, found {Printable.Start(type)} of shape {string.Join(" × ", sizes)}"
            );
        var width = kind[1] - '0';
        if (sizes[0] != count || bytes.Length - start != (long)count * width)
            throw new IsotopeException($"{name}: expected {count} labels, as many as images, found {sizes[0]}");
        var values = bytes.Read(start, count * width);
        long[] labels = [.. Enumerable.Range(0, count).Select(i => read(values.AsSpan(i * width, width)))];
        return [.. ClassLabels.Of(name, labels, names: null).Labels];
    }

    private static byte[] Start(StoredBytes bytes) => bytes.Read(0, (int)Math.Min(bytes.Length, 12_000));

    /// <summary>An array where it lies in the file, or unpacked into memory.</summary>
    private static StoredBytes Bytes(ZipFile zip, ZipMember member)
    {
        if (member.Length > LargestArray)
            throw new IsotopeException(
                $"{zip.Path}: expected arrays of at most {LargestArray >> 20} MiB, found {member.Length >> 20} in "
                    + $"{Printable.Start(member.Name)}; write images as files in folders, one for each class"
            );
        return member.Method == ZipMember.Stored
            ? new StoredBytes(zip.Path, member.Data, member.Length) { Member = member.Name }
            : new StoredBytes(zip.Path, zip.Content(member)) { Member = member.Name };
    }
}
