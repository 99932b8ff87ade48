using Parquet;
using Parquet.Schema;

namespace Isotope.Networks.BlackBoxes.Predictions;

/// <summary>A Parquet file of flat columns; one group of rows in memory at a time.</summary>
internal sealed class ParquetTable : PredictionTable
{
    private const long MaxValuesPerGroup = 200_000_000;
    private const int Tail = 8;
    private static readonly TimeSpan LongestOpen = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestRead = TimeSpan.FromMinutes(5);
    private readonly string path;
    private readonly ParquetReader reader;
    private readonly DataField[] fields;

    private ParquetTable(string path, ParquetReader reader) => (this.path, this.reader, fields) = (path, reader, reader.Schema.GetDataFields());

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns => [.. fields.Select(column => column.Path.ToString())];

    /// <exception cref="IsotopeException">The schema can't be read.</exception>
    public static new ParquetTable Open(string path) =>
        Guarded(path, LongestOpen, () =>
        {
            RequireEndOfFooter(path);
            return new ParquetTable(path, ParquetReader.CreateAsync(path).GetAwaiter().GetResult());
        });

    /// <inheritdoc/>
    public override IEnumerable<PredictionRow> Rows(int image, IReadOnlyList<int> values)
    {
        var before = 0L;
        for (var group = 0; group < reader.RowGroupCount; group++)
        {
            var (images, columns) = Guarded(path, LongestRead, () => ReadGroup(group, fields[image], [.. values.Select(i => fields[i])]));
            for (var row = 0; row < images.Length; row++)
                yield return new PredictionRow($"{path} row {before + row + 1}", images[row] ?? "", [.. columns.Select(column => column[row])]);
            before += images.Length;
        }
    }

    /// <inheritdoc/>
    public override void Dispose() => reader.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private (string?[] Images, double[][] Columns) ReadGroup(int index, DataField image, DataField[] values)
    {
        using var group = reader.OpenRowGroupReader(index);
        var rows = group.RowCount;
        if (rows < 0 || rows > MaxValuesPerGroup / (values.Length + 1) || Sizes(group).Any(size => size is < 0 or > 8 * MaxValuesPerGroup))
            throw new IsotopeException($"{path}: expected groups of at most {MaxValuesPerGroup} values, found one of {rows} rows and {values.Length + 1} columns");
        if (image.ClrType != typeof(string) && image.ClrType != typeof(ReadOnlyMemory<char>)) throw new IsotopeException($"{path}: expected texts in column {Printable.Start(image.Name)}, found {image.ClrType.Name}");
        var images = new string?[rows];
        group.ReadAsync(image, images!).AsTask().GetAwaiter().GetResult();
        return (images, [.. values.Select(field => ReadNumbers(group, field, rows))]);
    }

    private double[] ReadNumbers(ParquetRowGroupReader group, DataField field, long rows) => Type.GetTypeCode(field.ClrType) switch
    {
        TypeCode.Double => Read<double>(group, field, rows, value => value),
        TypeCode.Single => Read<float>(group, field, rows, value => value),
        TypeCode.Int64 => Read<long>(group, field, rows, value => value),
        TypeCode.Int32 => Read<int>(group, field, rows, value => value),
        TypeCode.Int16 => Read<short>(group, field, rows, value => value),
        TypeCode.Byte => Read<byte>(group, field, rows, value => value),
        _ => throw new IsotopeException($"{path}: expected numbers in column {Printable.Start(field.Name)}, found {field.ClrType.Name}"),
    };

    /// <summary>A missing number becomes NaN, which is refused where the row is.</summary>
    private static double[] Read<T>(ParquetRowGroupReader group, DataField field, long rows, Func<T, double> convert)
        where T : struct
    {
        if (field.IsNullable)
        {
            var values = new T?[rows];
            group.ReadAsync<T>(field, values.AsMemory()).AsTask().GetAwaiter().GetResult();
            return [.. values.Select(value => value is { } given ? convert(given) : double.NaN)];
        }

        var whole = new T[rows];
        group.ReadAsync<T>(field, whole.AsMemory()).AsTask().GetAwaiter().GetResult();
        return [.. whole.Select(convert)];
    }

    private static IEnumerable<long> Sizes(ParquetRowGroupReader group) => group.RowGroup.Columns.Select(column => column.MetaData?.TotalUncompressedSize ?? 0);

    /// <summary>The footer, a Thrift structure, ends with a zero before its own length and PAR1; without one, Parquet.Net reads on for ever.</summary>
    private static void RequireEndOfFooter(string path)
    {
        using var file = File.OpenRead(path);
        file.Seek(-Math.Min(file.Length, Tail + 1), SeekOrigin.End);
        if (file.ReadByte() != 0) throw new InvalidDataException("a footer without an end");
    }

    /// <summary>Parquet.Net throws whatever a damaged file leads it to, or loops for very long where a length in it is wrong.</summary>
    private static T Guarded<T>(string path, TimeSpan longest, Func<T> read)
    {
        try
        {
            return Task.Run(read).WaitAsync(longest).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is not IsotopeException)
        {
            throw new IsotopeException($"{path}: expected a whole Parquet file of flat columns, found: {Printable.Start(e.Message, 200)}", e);
        }
    }
}
