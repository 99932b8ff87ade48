using Isotope.Files;

namespace Isotope.Datasets.Formats;

/// <summary>
/// Lists of images (CSV, TSV, JSON lines or arrays): a column has paths below the list's folder, relative to it, and another the names or
/// numbers of classes. A list may leave out the extension of its images, and a usual folder before them, as Kaggle's do. Ids are the paths.
/// </summary>
internal sealed class ImageLists : DatasetFormat
{
    private static readonly string[] Folders = ["", "images/", "train/", "train_images/", "img/", "jpg/"];

    /// <inheritdoc/>
    protected override bool IsInFolders => false;

    /// <inheritdoc/>
    protected override bool HasSplits => true;

    /// <inheritdoc/>
    protected override bool Recognises(string file, ReadOnlySpan<byte> start) => ListTable.KindOf(file) is not null;

    /// <inheritdoc/>
    protected override Dataset Open(DatasetFiles found) => Open(found.Root, found.Root, found.Options);

    /// <summary>Lists the images of a list.</summary>
    /// <param name="root">The path that was given: the list, or its folder.</param>
    /// <param name="file">The list.</param>
    /// <param name="options">The columns and the split.</param>
    /// <exception cref="IsotopeException">The list is damaged, or has other columns.</exception>
    public static Dataset Open(string root, string file, DatasetOptions options)
    {
        var (columns, all) = ListTable.Read(file, names => Choose(file, names, options));
        if (options.Split is { } split && columns.Length < 3 && !Splits.Has(Path.GetFileName(file), split))
            throw new IsotopeException($"--split: expected a list with a column split, found {file} without one");
        var (rows, others) = OfSplit(file, all, options.Split);
        if (rows.Count == 0)
            throw new IsotopeException($"{file}: expected a row for each image, found none");
        var list = Place(file, columns[0], rows[0][0]);
        var (names, labels) = ClassLabels.Of(file, [.. rows.Select(row => row[1])]);
        string[] ids = [.. rows.Select(row => IdOf(list, row[0]))];
        if (ids.CountBy(id => id, StringComparer.Ordinal).FirstOrDefault(same => same.Value > 1) is { Key: { } repeated, Value: var times })
            throw new IsotopeException($"{file}: expected each path once, found {repeated} {times} times");
        var folder = DatasetPath.FolderOf(file);
        return new Dataset(root, names, [.. ids.Zip(labels, (id, label) => new LabelledImage(id, Path.Combine(folder, id), label))])
        {
            List = list,
            Form = $"a list, columns {Printable.Start(columns[0])} and {Printable.Start(columns[1])}",
            Others = [.. others.Select(row => IdOf(list, row[0])).Except(ids).Select(id => Path.Combine(folder, id)).Where(File.Exists)],
        };
    }

    private static string[] Choose(string file, IReadOnlyList<string> names, DatasetOptions options)
    {
        var image = Columns.Image(file, names, options.ImageColumn);
        var label = Columns.Label(file, [.. names.Where(name => name != image)], options.LabelColumn);
        return Columns.FindSplit(names) is { } split && split != label ? [image, label, split] : [image, label];
    }

    /// <summary>The rows of the asked split and the others; without one the training rows, if there are any, else all.</summary>
    private static (List<string[]> Rows, List<string[]> Others) OfSplit(string file, List<string[]> all, string? split)
    {
        if (all.Count == 0 || all[0].Length < 3)
            return (all, []);
        var bySplit = all.ToLookup(row => Splits.Canonical(row[2]) == Splits.Canonical(split ?? "train"));
        if (bySplit[true].Any())
            return ([.. bySplit[true]], [.. bySplit[false]]);
        return split is null ? (all, []) : throw Splits.Missing(file, split, all.Select(row => row[2]).Distinct());
    }

    /// <summary>Where the images of a list lie, and what their paths leave out, as the first one shows.</summary>
    private static ImageList Place(string file, string column, string first)
    {
        var folder = DatasetPath.FolderOf(file);
        string[] prefixes = [.. Folders.Append(Path.GetFileNameWithoutExtension(file) + "/").Distinct()];
        string[] suffixes = ["", .. ImageCodec.Extensions, .. ImageCodec.Extensions.Select(extension => extension.ToUpperInvariant())];
        ImageList[] lists =
        [
            .. from prefix in prefixes
            from suffix in suffixes
            let list = new ImageList(file, column, prefix, suffix)
            where list.IdOf(first) is { } id && File.Exists(Path.Combine(folder, id))
            select list,
        ];
        return lists switch
        {
            [var only] => only,
            [] when ImageFolder.IsImage(first) || DatasetPath.SafeId(first) is null => new ImageList(file, column),
            [] => throw new IsotopeException(
                $"{file}: expected the image '{Printable.Start(first)}' below {folder}, with or without an extension, also in "
                    + $"{string.Join(' ', prefixes[1..])}, found none"
            ),
            _ => throw new IsotopeException(
                $"{file}: expected one image '{Printable.Start(first)}', found {lists[0].IdOf(first)} and {lists[1].IdOf(first)}"
            ),
        };
    }

    private static string IdOf(ImageList list, string path) =>
        list.IdOf(path)
        ?? throw new IsotopeException($"{list.Path}: expected paths below the list's folder, found '{Printable.Start(path)}'");
}
