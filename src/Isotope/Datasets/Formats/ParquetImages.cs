using Isotope.Files;

namespace Isotope.Datasets.Formats;

/// <summary>
/// Parquet files of images: a struct of <c>bytes</c> and <c>path</c>, as Hugging Face's datasets have, or plain bytes; and a column of
/// labels, whose classes the schema's metadata may name. Ids are the paths if these are unique; otherwise the file's name and the row.
/// </summary>
internal sealed class ParquetImages : ContainerFormat
{
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
        ParquetRewriter.Write(((CellSource)replacements[0].Source).Table, replacements, output);

    /// <inheritdoc/>
    public override void RequireRewritable(string file) =>
        GuardedParquet.With(file, reader => GuardedParquet.Read(file, () => ParquetRewriter.Require(file, reader)));

    /// <inheritdoc/>
    protected override bool Recognises(string file, ReadOnlySpan<byte> start) => start.StartsWith("PAR1"u8);

    /// <inheritdoc/>
    protected override Dataset Open(DatasetFiles found)
    {
        var (root, cache) = (found.Root, new RowGroupCache());
        var tables = found.Files.Select(file => new ParquetFile(file, cache, found.Options).Rows()).ToArray();
        ParquetRow[] rows = [.. tables.SelectMany(table => table.Rows)];
        if (rows.Length == 0)
            throw new IsotopeException($"{root}: expected rows of images, found none");
        var columns = tables[0].Columns;
        var (names, labels) = ClassLabels.Of(root, [.. rows.Select(row => row.Label)], columns.ClassNames);
        string[] ids = [.. rows.Select(row => DatasetPath.SafeId(row.Path)).OfType<string>()];
        if (ids.Distinct().Count() < rows.Length)
            ids = [.. rows.Select(row => row.Cell.Id)];
        return Make(root, names, [.. rows.Select((row, i) => new LabelledImage(ids[i], row.Cell, labels[i]))], found.Files) with
        {
            Form = $"Parquet, columns {Printable.Start(columns.Image.Path.FirstPart)} and {Printable.Start(columns.Label.Name)}",
        };
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
