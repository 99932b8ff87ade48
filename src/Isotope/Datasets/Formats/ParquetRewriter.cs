using Isotope.Files;
using Parquet;
using Parquet.Data;
using Parquet.Schema;

namespace Isotope.Datasets.Formats;

/// <summary>
/// Writes a Parquet file again with some images replaced. Schema, metadata, groups and rows stay the same. One group is in memory at a
/// time.
/// </summary>
internal static class ParquetRewriter
{
    private static readonly Type[] Written =
    [
        typeof(bool),
        typeof(sbyte),
        typeof(byte),
        typeof(short),
        typeof(ushort),
        typeof(int),
        typeof(uint),
        typeof(long),
        typeof(ulong),
        typeof(float),
        typeof(double),
    ];

    private static bool IsWritten(DataField field) =>
        ParquetColumns.IsBytes(field) || ParquetColumns.IsText(field) || Written.Contains(field.ClrType);

    /// <summary>Refuses a file with a column that can't be written.</summary>
    /// <exception cref="IsotopeException">It has one.</exception>
    public static bool Require(string path, ParquetReader reader) =>
        reader.Schema.GetDataFields().FirstOrDefault(field => !IsWritten(field)) is { } field ? throw Refused(path, field) : true;

    /// <exception cref="IsotopeException">The file can't be read, or has a column of a type that can't be written.</exception>
    public static void Write(ParquetFile file, IReadOnlyList<Replacement> replacements, Stream output) =>
        file.WithOpen(reader =>
        {
            var image = file.ColumnsOf(reader).Image;
            var byGroup = replacements.ToLookup(replacement => ((CellSource)replacement.Source).Group);
            var writer = ParquetWriter.CreateAsync(reader.Schema, output).GetAwaiter().GetResult();
            writer.CustomMetadata = reader.CustomMetadata;
            for (var group = 0; group < reader.RowGroupCount; group++)
            {
                using var from = GuardedParquet.Read(file.Path, () => file.OpenGroup(reader, group));
                using var to = writer.CreateRowGroup();
                foreach (var field in reader.Schema.GetDataFields())
                    CopyColumn(file.Path, from, to, field, field.Path.Equals(image.Path) ? [.. byGroup[group]] : []);
            }

            writer.DisposeAsync().AsTask().GetAwaiter().GetResult();
            return true;
        });

    private static void CopyColumn(
        string path,
        ParquetRowGroupReader from,
        ParquetRowGroupWriter to,
        DataField field,
        Replacement[] replacements
    )
    {
        using var column = GuardedParquet.Read(path, () => from.ReadRawColumnDataBaseAsync(field).AsTask().GetAwaiter().GetResult());
        switch (column)
        {
            case RawColumnData<ReadOnlyMemory<byte>> bytes:
                Write(to, field, bytes, Replaced(field, bytes, replacements));
                break;
            case RawColumnData<ReadOnlyMemory<char>> texts:
                Write(to, field, texts, texts.Values.ToArray());
                break;
            case RawColumnData<bool> values:
                Write(to, field, values, values.Values.ToArray());
                break;
            case RawColumnData<sbyte> values:
                Write(to, field, values, values.Values.ToArray());
                break;
            case RawColumnData<byte> values:
                Write(to, field, values, values.Values.ToArray());
                break;
            case RawColumnData<short> values:
                Write(to, field, values, values.Values.ToArray());
                break;
            case RawColumnData<ushort> values:
                Write(to, field, values, values.Values.ToArray());
                break;
            case RawColumnData<int> values:
                Write(to, field, values, values.Values.ToArray());
                break;
            case RawColumnData<uint> values:
                Write(to, field, values, values.Values.ToArray());
                break;
            case RawColumnData<long> values:
                Write(to, field, values, values.Values.ToArray());
                break;
            case RawColumnData<ulong> values:
                Write(to, field, values, values.Values.ToArray());
                break;
            case RawColumnData<float> values:
                Write(to, field, values, values.Values.ToArray());
                break;
            case RawColumnData<double> values:
                Write(to, field, values, values.Values.ToArray());
                break;
            default:
                throw Refused(path, field);
        }
    }

    /// <summary>The values of a column with some rows replaced. Rows without a value have none to replace.</summary>
    private static ReadOnlyMemory<byte>[] Replaced(DataField field, RawColumnData<ReadOnlyMemory<byte>> column, Replacement[] replacements)
    {
        var values = column.Values.ToArray();
        var byRow = replacements.ToDictionary(replacement => ((CellSource)replacement.Source).Row);
        var levels = field.MaxDefinitionLevel > 0 ? column.DefinitionLevels.ToArray() : null;
        var value = 0;
        for (var row = 0; byRow.Count > 0 && row < (levels?.Length ?? values.Length); row++)
        {
            if (levels is not null && levels[row] < field.MaxDefinitionLevel)
                continue;
            if (byRow.TryGetValue(row, out var replacement))
                values[value] = replacement.Read();
            value++;
        }

        return values;
    }

    private static IsotopeException Refused(string path, DataField field) =>
        new(
            $"{path}: expected columns of numbers, texts and bytes, found {field.ClrType.Name} in {Printable.Start(field.Name)}; add "
                + "--as-folder"
        );

    private static void Write<T>(ParquetRowGroupWriter to, DataField field, RawColumnData<T> column, T[] values)
        where T : struct
    {
        // Without levels WriteAllPartsAsync of Parquet.Net 6.1 counts no rows.
        if (field is { MaxDefinitionLevel: 0, MaxRepetitionLevel: 0 })
        {
            to.WriteAsync<T>(field, values.AsMemory()).GetAwaiter().GetResult();
            return;
        }

        var definitions = field.MaxDefinitionLevel > 0 ? column.DefinitionLevels.ToArray() : null;
        var repetitions = field.MaxRepetitionLevel > 0 ? column.RepetitionLevels.ToArray() : null;
        to.WriteAllPartsAsync<T>(field, values, definitions, repetitions, CancellationToken.None).GetAwaiter().GetResult();
    }
}
