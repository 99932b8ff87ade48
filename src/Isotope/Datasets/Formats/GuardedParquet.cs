using System.Numerics;
using Isotope.Files;
using Parquet;
using Parquet.Schema;

namespace Isotope.Datasets.Formats;

/// <summary>
/// Reads untrusted Parquet files. With a damaged file Parquet.Net throws all kinds of exceptions, or loops for very long if a length is
/// wrong.
/// </summary>
internal static class GuardedParquet
{
    private const int Tail = 8;
    private const int MostElements = 10_000;

    // Thrift's compact protocol: a first field that is an integer; the next field, a list; and a list whose length follows.
    private const int VersionField = 0x15;
    private const int SchemaField = 0x19;
    private const int LongList = 15;

    private static readonly TimeSpan LongestOpen = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestRead = TimeSpan.FromMinutes(5);

    /// <summary>Opens a file and reads its schema and metadata.</summary>
    /// <exception cref="IsotopeException">The file is damaged, or can't be read.</exception>
    public static ParquetReader Open(string path) =>
        Guarded(
            path,
            LongestOpen,
            () =>
            {
                RequireFooter(path);
                return ParquetReader.CreateAsync(path).GetAwaiter().GetResult();
            }
        );

    /// <summary>Opens a file, and closes it after use.</summary>
    /// <exception cref="IsotopeException">The file can't be opened.</exception>
    public static T With<T>(string path, Func<ParquetReader, T> use)
    {
        var reader = Open(path);
        try
        {
            return use(reader);
        }
        finally
        {
            reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    /// <summary>Reads from an open file.</summary>
    /// <exception cref="IsotopeException">The file is damaged.</exception>
    public static T Read<T>(string path, Func<T> read) => Guarded(path, LongestRead, read);

    /// <summary>Refuses a group of rows that claims too many rows, or a column of too many bytes.</summary>
    /// <exception cref="IsotopeException">It claims too many.</exception>
    public static void CheckSize(string path, ParquetRowGroupReader group, long maxRows, long maxBytes)
    {
        var sizes = group.RowGroup.Columns.Select(column => column.MetaData?.TotalUncompressedSize ?? 0);
        if (group.RowCount < 0 || group.RowCount > maxRows || sizes.Any(size => size < 0 || size > maxBytes))
            throw new IsotopeException(
                $"{path}: expected groups of at most {maxRows} rows and {maxBytes >> 20} MiB a column, found one of {group.RowCount} rows"
            );
    }

    /// <summary>Reads the values of a column in a group of rows; null for missing ones.</summary>
    /// <param name="group">The group of rows.</param>
    /// <param name="field">The column, of type <typeparamref name="T"/>.</param>
    public static T?[] ReadValues<T>(ParquetRowGroupReader group, DataField field)
        where T : struct
    {
        if (field.IsNullable)
        {
            var values = new T?[group.RowCount];
            group.ReadAsync<T>(field, values.AsMemory()).AsTask().GetAwaiter().GetResult();
            return values;
        }

        var whole = new T[group.RowCount];
        group.ReadAsync<T>(field, whole.AsMemory()).AsTask().GetAwaiter().GetResult();
        return [.. whole.Select(value => (T?)value)];
    }

    /// <summary>Reads the bytes or texts of a column in a group of rows; null for missing ones.</summary>
    public static T?[] ReadObjects<T>(ParquetRowGroupReader group, DataField field)
        where T : class
    {
        var values = new T?[group.RowCount];
        if (values is byte[]?[] bytes)
            group.ReadAsync(field, bytes.AsMemory()!).AsTask().GetAwaiter().GetResult();
        else if (values is string?[] texts)
            group.ReadAsync(field, texts.AsMemory()!).AsTask().GetAwaiter().GetResult();
        return values;
    }

    /// <summary>Reads the numbers of a column in a group of rows.</summary>
    /// <param name="group">The group of rows.</param>
    /// <param name="field">The column, of numbers of type <typeparamref name="T"/>.</param>
    /// <param name="missing">The value that takes the place of missing numbers.</param>
    public static TResult[] ReadNumbers<T, TResult>(ParquetRowGroupReader group, DataField field, TResult missing)
        where T : struct, INumber<T>
        where TResult : INumber<TResult> =>
        [.. ReadValues<T>(group, field).Select(value => value is { } given ? TResult.CreateChecked(given) : missing)];

    /// <summary>
    /// Refuses footers that would hang Parquet.Net or crash the process. A footer is a Thrift structure that ends with a zero, followed by
    /// its length and PAR1; without the zero, Parquet.Net reads for ever. It begins with a version and the schema, a list of elements that
    /// may be nested; with too many, Parquet.Net overflows the stack.
    /// </summary>
    private static void RequireFooter(string path)
    {
        using var file = File.OpenRead(path);
        using var reader = new BinaryReader(file);
        file.Seek(-Math.Min(file.Length, Tail + 1), SeekOrigin.End);
        if (file.ReadByte() != 0)
            throw new InvalidDataException("a footer without an end");
        var length = reader.ReadUInt32();
        if (length > file.Length - Tail)
            throw new InvalidDataException("a footer longer than the file");
        file.Seek(-Tail - length, SeekOrigin.End);
        if (reader.ReadByte() != VersionField)
            throw new InvalidDataException("a footer without a version");
        reader.Read7BitEncodedInt();
        if (reader.ReadByte() != SchemaField)
            throw new InvalidDataException("a footer without a schema");
        var count = reader.ReadByte() >> 4;
        if (count == LongList)
            count = reader.Read7BitEncodedInt();
        if (count is < 0 or > MostElements)
            throw new InvalidDataException($"a schema of {count} elements, where at most {MostElements} are read");
    }

    private static T Guarded<T>(string path, TimeSpan longest, Func<T> read)
    {
        try
        {
            return Task.Run(read).WaitAsync(longest).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is not IsotopeException)
        {
            throw new IsotopeException($"{path}: expected a whole Parquet file, found: {Printable.Start(e.Message, 200)}", e);
        }
    }
}
