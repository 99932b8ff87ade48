namespace Isotope.Datasets.Formats;

/// <summary>
/// Parquet files of Hugging Face's datasets: a struct of <c>bytes</c> and <c>path</c>, and a column of labels, whose classes are named in
/// the schema's metadata. Ids are the paths if these are unique; otherwise they are the file's name and the row.
/// </summary>
internal sealed class ParquetImages : ContainerFormat
{
    private static readonly string[] LabelColumns = ["label", "labels", "fine_label"];

    /// <inheritdoc/>
    public override string MarkedId(LabelledImage image, ImageEncoding encoding) => image.Id;

    /// <inheritdoc/>
    public override void Require(ImageEncoding encoding)
    {
        if (encoding.Format == ImageFormat.Npy)
            throw new IsotopeException("--format: expected png or webp for a Parquet dataset, found npy; add --as-folder");
    }

    /// <inheritdoc/>
    public override void Rewrite(string file, IReadOnlyList<Replacement> replacements, Stream output) =>
        ParquetRewriter.Write(new ParquetFile(file, new RowGroupCache()), replacements, output);

    /// <inheritdoc/>
    protected override bool Recognises(string file, ReadOnlySpan<byte> start) => start.StartsWith("PAR1"u8);

    /// <inheritdoc/>
    protected override Dataset Open(string root, IReadOnlyList<string> files)
    {
        var cache = new RowGroupCache();
        var rows = files.SelectMany(file => new ParquetFile(file, cache).Rows(LabelColumns)).ToArray();
        if (rows.Length == 0)
            throw new IsotopeException($"{root}: expected rows of images, found none");
        var (names, labels) = ClassLabels.Of(root, [.. rows.Select(row => row.Label)], rows[0].Cell.Table.ClassNames(LabelColumns));
        string[] ids = [.. rows.Select(row => DatasetPath.SafeId(row.Path)).OfType<string>()];
        if (ids.Distinct().Count() < rows.Length)
            ids = [.. rows.Select(row => row.Cell.Id)];
        return Make(root, names, [.. rows.Select((row, i) => new LabelledImage(ids[i], row.Cell, labels[i]))], files);
    }
}

/// <summary>An image in a row of a Parquet file.</summary>
/// <param name="Table">The file.</param>
/// <param name="Group">The group of rows.</param>
/// <param name="Row">The row in the group.</param>
/// <param name="Index">The row in the file, from 0.</param>
internal sealed record CellSource(ParquetFile Table, int Group, int Row, long Index) : ImageSource
{
    /// <summary>The file's name and the row.</summary>
    public string Id => FormattableString.Invariant($"{System.IO.Path.GetFileNameWithoutExtension(Table.Path)}/{Index:D5}");

    /// <inheritdoc/>
    public override string Name => FormattableString.Invariant($"{Table.Path} row {Index + 1}");

    internal override string File => Table.Path;

    /// <inheritdoc/>
    public override byte[] Read() =>
        Table.Images(Group)[Row] ?? throw new IsotopeException($"{Name}: expected the bytes of an image, found none");
}
