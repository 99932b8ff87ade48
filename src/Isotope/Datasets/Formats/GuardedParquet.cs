using System.Numerics;
using Isotope.Files;
using Parquet;
using Parquet.Schema;

namespace Isotope.Datasets.Formats;

/// <summary>
/// Parquet files of strangers: Parquet.Net throws whatever a damaged file leads it to, or loops for very long where a length in it is
/// wrong.
/// </summary>
internal static class GuardedParquet
{
    private const int Tail = 8;
    private const int MostElements = 10_000;

    /// <summary>Thrift's compact form: the first field, an int; the next one, a list; a list whose length follows.</summary>
    private const int VersionField = 0x15,
        SchemaField = 0x19,
        LongList = 15;

    private static readonly TimeSpan LongestOpen = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestRead = TimeSpan.FromMinutes(5);

    /// <summary>Reads schema and metadata.</summary>
    /// <exception cref="IsotopeException">They can't be read.</exception>
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

    /// <summary>Reads from an open file.</summary>
    /// <exception cref="IsotopeException">The file is damaged.</exception>
    public static T Read<T>(string path, Func<T> read) => Guarded(path, LongestRead, read);

    /// <summary>Refuses a group of rows that claims more than so many rows, or columns of more than so many bytes.</summary>
    /// <exception cref="IsotopeException">It does.</exception>
    public static void CheckSize(string path, ParquetRowGroupReader group, long maxRows, long maxBytes)
    {
        if (
            group.RowCount < 0
            || group.RowCount > maxRows
            || group.RowGroup.Columns.Any(column =>
                (column.MetaData?.TotalUncompressedSize ?? 0) is var size && (size < 0 || size > maxBytes)
            )
        )
            throw new IsotopeException(
                $"{path}: expected groups of at most {maxRows} rows and {maxBytes >> 20} MiB a column, found one of {group.RowCount} rows"
            );
    }

    /// <summary>Numbers of a column of a group.</summary>
    /// <param name="group">The group of rows.</param>
    /// <param name="field">The column, of numbers of type <typeparamref name="T"/>.</param>
    /// <param name="missing">What stands for one that is missing.</param>
    public static TResult[] ReadNumbers<T, TResult>(ParquetRowGroupReader group, DataField field, TResult missing)
        where T : struct, INumber<T>
        where TResult : INumber<TResult>
    {
        if (field.IsNullable)
        {
            var values = new T?[group.RowCount];
            group.ReadAsync<T>(field, values.AsMemory()).AsTask().GetAwaiter().GetResult();
            return [.. values.Select(value => value is { } given ? TResult.CreateChecked(given) : missing)];
        }

        var whole = new T[group.RowCount];
        group.ReadAsync<T>(field, whole.AsMemory()).AsTask().GetAwaiter().GetResult();
        return [.. whole.Select(TResult.CreateChecked)];
    }

    /// <summary>
    /// The footer, a Thrift structure, ends with a zero before its own length and PAR1; without one, Parquet.Net reads on for ever. It
    /// begins with a version and the schema, a list whose elements may be nested: Parquet.Net goes into them until the stack ends, and the
    /// process with it.
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
