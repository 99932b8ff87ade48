using System.Text.Json;
using System.Text.Json.Nodes;
using Isotope.Files;
using Parquet;
using Parquet.Schema;

namespace Isotope.Datasets.Formats;

/// <summary>A row of a file.</summary>
/// <param name="Cell">Where its image is.</param>
/// <param name="Label">Its label.</param>
/// <param name="Path">The path that the image once had; null if unknown.</param>
internal readonly record struct ParquetRow(CellSource Cell, long Label, string? Path);

/// <summary>A Parquet file of images, open only while it is read.</summary>
internal sealed class ParquetFile(string path, RowGroupCache cache)
{
    private const long MaxRows = 10_000_000;
    private const long MaxColumnBytes = 2L << 30;
    private const string BytesField = "bytes";
    private const string PathField = "path";
    private const string Metadata = "huggingface";

    /// <summary>The most columns that a message names.</summary>
    private const int MostNamed = 12;

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>The images of a group of rows; null for a row without one.</summary>
    /// <exception cref="IsotopeException">The file can't be read.</exception>
    public byte[]?[] Images(int group) => cache.Get(path, group, () => WithReader(reader => ReadImages(reader, group)));

    private byte[]?[] ReadImages(ParquetReader reader, int group)
    {
        using var rows = OpenGroup(reader, group);
        var images = new byte[]?[rows.RowCount];
        rows.ReadAsync(ImageField(reader), images.AsMemory()!).AsTask().GetAwaiter().GetResult();
        return images;
    }

    /// <summary>All rows, without their images.</summary>
    /// <param name="labelColumns">Names that the column of labels may have; the first one that exists is taken.</param>
    /// <exception cref="IsotopeException">The file can't be read, or lacks a column.</exception>
    public List<ParquetRow> Rows(string[] labelColumns) =>
        WithReader(reader =>
        {
            var label = LabelField(reader, labelColumns);
            var paths = PathsField(reader);
            var rows = new List<ParquetRow>();
            for (var group = 0; group < reader.RowGroupCount; group++)
            {
                using var columns = OpenGroup(reader, group);
                ContainerFormat.CheckCount(path, rows.Count + columns.RowCount);
                var labels = ReadLabels(columns, label);
                var names = new string?[columns.RowCount];
                if (paths is not null)
                    columns.ReadAsync(paths, names.AsMemory()!).AsTask().GetAwaiter().GetResult();
                for (var row = 0; row < labels.Length; row++)
                    rows.Add(new ParquetRow(new CellSource(this, group, row, rows.Count), labels[row], names[row]));
            }

            return rows;
        });

    /// <summary>The names of the classes in the schema's metadata; null if there are none.</summary>
    public string[]? ClassNames(string[] labelColumns) =>
        WithReader(reader =>
        {
            if (!reader.CustomMetadata.TryGetValue(Metadata, out var json))
                return null;
            var names = JsonNode.Parse(json)?["info"]?["features"]?[LabelField(reader, labelColumns).Name]?["names"] as JsonArray;
            return names?.Select(name => name?.ToString() ?? throw new JsonException("a class without a name")).ToArray();
        });

    /// <summary>Opens the file for work that guards its own reading and has no time limit.</summary>
    /// <exception cref="IsotopeException">The file can't be opened.</exception>
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

    /// <summary>The field of the images' bytes.</summary>
    /// <exception cref="IsotopeException">There is none, or there are several.</exception>
    public DataField ImageField(ParquetReader reader)
    {
        var structFields = reader.Schema.GetDataFields().Where(field => field.MaxRepetitionLevel == 0 && field.Path.Length == 2);
        DataField[] fields = [.. structFields.Where(field => field.Name == BytesField)];
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
        if (names.SelectMany(name => fields.Where(field => field.Name == name)).FirstOrDefault() is { } label)
            return label;
        var found = string.Join(", ", fields.Select(field => Printable.Start(field.Name)).Take(MostNamed));
        throw new IsotopeException($"{path}: expected a column of labels ({string.Join(", ", names)}), found {found}");
    }

    /// <summary>The labels of a group. A missing one becomes −1, which is out of range.</summary>
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
