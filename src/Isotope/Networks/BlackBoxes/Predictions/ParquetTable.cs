using Isotope.Datasets.Formats;
using Isotope.Files;
using Parquet;
using Parquet.Schema;

namespace Isotope.Networks.BlackBoxes.Predictions;

/// <summary>A Parquet file with flat columns; one row group is in memory at a time.</summary>
internal sealed class ParquetTable : PredictionTable
{
    private const long MaxValuesPerGroup = 200_000_000;
    private readonly string path;
    private readonly ParquetReader reader;
    private readonly DataField[] fields;

    private ParquetTable(string path, ParquetReader reader)
    {
        this.path = path;
        this.reader = reader;
        fields = reader.Schema.GetDataFields();
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns => [.. fields.Select(column => column.Path.ToString())];

    /// <summary>Opens a file and reads its schema.</summary>
    /// <exception cref="IsotopeException">The schema can't be read.</exception>
    public static new ParquetTable Open(string path) => new(path, GuardedParquet.Open(path));

    /// <inheritdoc/>
    public override IEnumerable<PredictionRow> Rows(int image, IReadOnlyList<int> values, Predicate<string> isWanted)
    {
        var before = 0L;
        for (var group = 0; group < reader.RowGroupCount; group++)
        {
            var images = GuardedParquet.Read(path, () => ReadImages(group, fields[image], values.Count));
            int[] wanted = [.. Enumerable.Range(0, images.Length).Where(row => isWanted(images[row] ?? ""))];
            var columns = wanted.Length == 0 ? [] : GuardedParquet.Read(path, () => ReadColumns(group, values));
            foreach (var row in wanted)
            {
                double[] numbers = [.. columns.Select(column => column[row])];
                yield return new PredictionRow($"{path} row {before + row + 1}", images[row] ?? "", numbers);
            }

            before += images.Length;
        }
    }

    /// <inheritdoc/>
    public override void Dispose() => reader.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private string?[] ReadImages(int index, DataField image, int values)
    {
        using var group = reader.OpenRowGroupReader(index);
        GuardedParquet.CheckSize(path, group, MaxValuesPerGroup / (values + 1), 8 * MaxValuesPerGroup);
        if (image.ClrType != typeof(string) && image.ClrType != typeof(ReadOnlyMemory<char>))
            throw new IsotopeException($"{path}: expected texts in column {Printable.Start(image.Name)}, found {image.ClrType.Name}");
        var images = new string?[group.RowCount];
        group.ReadAsync(image, images!).AsTask().GetAwaiter().GetResult();
        return images;
    }

    private double[][] ReadColumns(int index, IReadOnlyList<int> values)
    {
        using var group = reader.OpenRowGroupReader(index);
        return [.. values.Select(i => ReadNumbers(group, fields[i]))];
    }

    /// <summary>A missing number becomes NaN, which is refused when its row is checked.</summary>
    private double[] ReadNumbers(ParquetRowGroupReader group, DataField field) =>
        Type.GetTypeCode(field.ClrType) switch
        {
            TypeCode.Double => GuardedParquet.ReadNumbers<double, double>(group, field, double.NaN),
            TypeCode.Single => GuardedParquet.ReadNumbers<float, double>(group, field, double.NaN),
            TypeCode.Int64 => GuardedParquet.ReadNumbers<long, double>(group, field, double.NaN),
            TypeCode.Int32 => GuardedParquet.ReadNumbers<int, double>(group, field, double.NaN),
            TypeCode.Int16 => GuardedParquet.ReadNumbers<short, double>(group, field, double.NaN),
            TypeCode.Byte => GuardedParquet.ReadNumbers<byte, double>(group, field, double.NaN),
            _ => throw new IsotopeException(
                $"{path}: expected numbers in column {Printable.Start(field.Name)}, found {field.ClrType.Name}"
            ),
        };
}
