using System.Text.Json;
using System.Text.Json.Nodes;
using Isotope.Files;
using Parquet;
using Parquet.Schema;

namespace Isotope.Datasets.Formats;

/// <summary>A row: where its image is, its label, and the path that the image had.</summary>
internal readonly record struct ParquetRow(CellSource Cell, long Label, string? Path);

/// <summary>A Parquet file of images. It is open only while it is read.</summary>
internal sealed class ParquetFile(string path, RowGroupCache cache)
{
    private const long MaxRows = 10_000_000,
        MaxColumnBytes = 2L << 30;
    private const string BytesField = "bytes",
        PathField = "path",
        Metadata = "huggingface";

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>Images of a group of rows; null where there is none.</summary>
    /// <exception cref="IsotopeException">The file can't be read.</exception>
    public byte[]?[] Images(int group) =>
        cache.Get(
            path,
            group,
            () =>
                WithReader(reader =>
                {
                    using var rows = OpenGroup(reader, group);
                    var images = new byte[]?[rows.RowCount];
                    rows.ReadAsync(ImageField(reader), images.AsMemory()!).AsTask().GetAwaiter().GetResult();
                    return images;
                })
        );

    /// <summary>All rows, without their images.</summary>
    /// <param name="labelColumns">Names that the column of labels may have; the first of them that there is counts.</param>
    /// <exception cref="IsotopeException">The file can't be read, or has other columns.</exception>
    public List<ParquetRow> Rows(string[] labelColumns) =>
        WithReader(reader =>
        {
            var (label, paths) = (LabelField(reader, labelColumns), PathsField(reader));
            var rows = new List<ParquetRow>();
            for (var group = 0; group < reader.RowGroupCount; group++)
            {
                using var columns = OpenGroup(reader, group);
                ContainerFormat.CheckCount(path, rows.Count + columns.RowCount);
                var (labels, names) = (ReadLabels(columns, label), new string?[columns.RowCount]);
                if (paths is not null)
                    columns.ReadAsync(paths, names.AsMemory()!).AsTask().GetAwaiter().GetResult();
                for (var row = 0; row < labels.Length; row++)
                    rows.Add(new ParquetRow(new CellSource(this, group, row, rows.Count), labels[row], names[row]));
            }

            return rows;
        });

    /// <summary>Names of the classes, as the schema's metadata has them; null where it does not.</summary>
    public string[]? ClassNames(string[] labelColumns) =>
        WithReader(reader =>
        {
            if (!reader.CustomMetadata.TryGetValue(Metadata, out var json))
                return null;
            var names = JsonNode.Parse(json)?["info"]?["features"]?[LabelField(reader, labelColumns).Name]?["names"] as JsonArray;
            return names?.Select(name => name?.ToString() ?? throw new JsonException("a class without a name")).ToArray();
        });

    /// <summary>Opens the file for work that guards its own reading, and takes as long as it takes.</summary>
    /// <exception cref="IsotopeException">It can't be opened.</exception>
    public T WithOpen<T>(Func<ParquetReader, T> use)
    {
        var reader = GuardedParquet.Open(path);
        try
        {
            return use(reader);
        }
        finally
        {
            reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    /// <summary>Opens the file and reads something from it.</summary>
    /// <exception cref="IsotopeException">It can't be read.</exception>
    private T WithReader<T>(Func<ParquetReader, T> read) => WithOpen(reader => GuardedParquet.Read(path, () => read(reader)));

    /// <summary>A group of rows of a size that can be read.</summary>
    /// <exception cref="IsotopeException">It claims to be larger.</exception>
    public ParquetRowGroupReader OpenGroup(ParquetReader reader, int group)
    {
        var rows = reader.OpenRowGroupReader(group);
        GuardedParquet.CheckSize(path, rows, MaxRows, MaxColumnBytes);
        return rows;
    }

    /// <summary>The field of images' bytes.</summary>
    /// <exception cref="IsotopeException">There is none, or there are several.</exception>
    public DataField ImageField(ParquetReader reader)
    {
        DataField[] fields =
        [
            .. reader
                .Schema.GetDataFields()
                .Where(field => field.Name == BytesField && field.MaxRepetitionLevel == 0 && field.Path.Length == 2),
        ];
        return fields.Length == 1
            ? fields[0]
            : throw new IsotopeException($"{path}: expected one column of images, a struct of bytes and path, found {fields.Length}");
    }

    private DataField? PathsField(ParquetReader reader)
    {
        var image = ImageField(reader).Path.FirstPart;
        return reader
            .Schema.GetDataFields()
            .FirstOrDefault(field => field.Name == PathField && field.Path.FirstPart == image && field.MaxRepetitionLevel == 0);
    }

    private DataField LabelField(ParquetReader reader, string[] names)
    {
        var fields = reader.Schema.GetDataFields().Where(field => field.Path.Length == 1 && field.MaxRepetitionLevel == 0).ToArray();
        return names.Select(name => fields.FirstOrDefault(field => field.Name == name)).FirstOrDefault(field => field is not null)
            ?? throw new IsotopeException(
                $"{path}: expected a column of labels ({string.Join(", ", names)}), found "
                    + $"{string.Join(", ", fields.Select(field => Printable.Start(field.Name)).Take(12))}"
            );
    }

    /// <summary>A missing label becomes −1, which is refused where classes are known.</summary>
    private long[] ReadLabels(ParquetRowGroupReader group, DataField field) =>
        Type.GetTypeCode(field.ClrType) switch
        {
            TypeCode.Int64 => GuardedParquet.ReadNumbers<long, long>(group, field, Dataset.Unlabelled),
            TypeCode.Int32 => GuardedParquet.ReadNumbers<int, long>(group, field, Dataset.Unlabelled),
            TypeCode.Int16 => GuardedParquet.ReadNumbers<short, long>(group, field, Dataset.Unlabelled),
            TypeCode.SByte => GuardedParquet.ReadNumbers<sbyte, long>(group, field, Dataset.Unlabelled),
            TypeCode.Byte => GuardedParquet.ReadNumbers<byte, long>(group, field, Dataset.Unlabelled),
            _ => throw new IsotopeException(
                $"{path}: expected whole numbers in column {Printable.Start(field.Name)}, found {field.ClrType.Name}"
            ),
        };
}
