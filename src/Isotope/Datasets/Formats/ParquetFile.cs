using Isotope.Files;
using Parquet;
using Parquet.Schema;

namespace Isotope.Datasets.Formats;

/// <summary>A row of a file.</summary>
/// <param name="Cell">Where its image is.</param>
/// <param name="Label">Its label: a number or a text.</param>
/// <param name="Path">The path that the image once had; null if unknown.</param>
internal readonly record struct ParquetRow(CellSource Cell, string Label, string? Path);

/// <summary>A Parquet file of images, open only while it is read.</summary>
internal sealed class ParquetFile(string path, RowGroupCache cache, DatasetOptions options)
{
    private const long MaxRows = 10_000_000;
    private const long MaxColumnBytes = 2L << 30;

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>The images of a group of rows; null for a row without one.</summary>
    /// <exception cref="IsotopeException">The file can't be read.</exception>
    public byte[]?[] Images(int group) => cache.Get(path, group, () => WithReader(reader => ReadImages(reader, group)));

    private byte[]?[] ReadImages(ParquetReader reader, int group)
    {
        using var rows = OpenGroup(reader, group);
        return GuardedParquet.ReadObjects<byte[]>(rows, ColumnsOf(reader).Image);
    }

    /// <summary>All rows, without their images, and the columns that they are from.</summary>
    /// <exception cref="IsotopeException">The file can't be read, or lacks a column.</exception>
    public (ParquetColumns Columns, List<ParquetRow> Rows) Rows() =>
        WithReader(reader =>
        {
            var chosen = ColumnsOf(reader);
            var rows = new List<ParquetRow>();
            for (var group = 0; group < reader.RowGroupCount; group++)
            {
                using var columns = OpenGroup(reader, group);
                ContainerFormat.CheckCount(path, rows.Count + columns.RowCount);
                var labels = ReadLabels(columns, chosen.Label);
                var names = chosen.Path is { } paths ? GuardedParquet.ReadObjects<string>(columns, paths) : new string?[labels.Length];
                for (var row = 0; row < labels.Length; row++)
                    rows.Add(new ParquetRow(new CellSource(this, group, row, rows.Count), labels[row], names[row]));
            }

            return (chosen, rows);
        });

    /// <summary>The columns that are read.</summary>
    /// <exception cref="IsotopeException">One is missing, or several could be meant.</exception>
    public ParquetColumns ColumnsOf(ParquetReader reader) => ParquetColumns.Of(path, reader, options);

    /// <summary>Opens the file for work that guards its own reading and has no time limit.</summary>
    /// <exception cref="IsotopeException">The file can't be opened.</exception>
    public T WithOpen<T>(Func<ParquetReader, T> use) => GuardedParquet.With(path, use);

    /// <summary>Opens the file and reads from it, with a time limit.</summary>
    /// <exception cref="IsotopeException">The file can't be read.</exception>
    private T WithReader<T>(Func<ParquetReader, T> read) => WithOpen(reader => GuardedParquet.Read(path, () => read(reader)));

    /// <summary>Opens a group of rows.</summary>
    /// <exception cref="IsotopeException">It claims to be too large.</exception>
    public ParquetRowGroupReader OpenGroup(ParquetReader reader, int group)
    {
        var rows = reader.OpenRowGroupReader(group);
        GuardedParquet.CheckSize(path, rows, MaxRows, MaxColumnBytes);
        return rows;
    }

    /// <summary>The labels of a group: numbers, texts, or false and true as 0 and 1. A missing one is empty.</summary>
    private string[] ReadLabels(ParquetRowGroupReader group, DataField field) =>
        Type.GetTypeCode(field.ClrType) switch
        {
            TypeCode.Int64 => Texts<long>(group, field),
            TypeCode.Int32 => Texts<int>(group, field),
            TypeCode.Int16 => Texts<short>(group, field),
            TypeCode.SByte => Texts<sbyte>(group, field),
            TypeCode.Byte => Texts<byte>(group, field),
            TypeCode.UInt16 => Texts<ushort>(group, field),
            TypeCode.UInt32 => Texts<uint>(group, field),
            TypeCode.UInt64 => Texts<ulong>(group, field),
            TypeCode.Double => Texts<double>(group, field),
            TypeCode.Single => Texts<float>(group, field),
            TypeCode.Boolean => Texts<bool>(group, field),
            _ when ParquetColumns.IsText(field) => [.. GuardedParquet.ReadObjects<string>(group, field).Select(text => text ?? "")],
            _ when ParquetColumns.IsBytes(field) =>
            [
                .. GuardedParquet
                    .ReadObjects<byte[]>(group, field)
                    .Select(bytes => bytes is null ? "" : System.Text.Encoding.UTF8.GetString(bytes)),
            ],
            _ => throw new IsotopeException(
                $"{path}: expected numbers or texts in column {Printable.Start(field.Name)}, found {field.ClrType.Name}"
            ),
        };

    private string[] Texts<T>(ParquetRowGroupReader group, DataField field)
        where T : struct => [.. GuardedParquet.ReadValues<T>(group, field).Select(value => Text(field, value))];

    private string Text<T>(DataField field, T? value)
        where T : struct =>
        value switch
        {
            null => "",
            bool truth => truth ? "1" : "0",
            double or float when Convert.ToDouble(value, null) is var number && number != Math.Truncate(number) =>
                throw new IsotopeException(
                    string.Create(
                        System.Globalization.CultureInfo.InvariantCulture,
                        $"{path}: expected whole numbers or texts in column {Printable.Start(field.Name)}, found {number}"
                    )
                ),
            IFormattable number => number.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
            _ => value.ToString()!,
        };
}
