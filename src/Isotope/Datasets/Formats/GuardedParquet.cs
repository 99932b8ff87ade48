using System.Numerics;
using Parquet;
using Parquet.Schema;

namespace Isotope.Datasets.Formats;

/// <summary>Parquet files of strangers: Parquet.Net throws whatever a damaged file leads it to, or loops for very long where a length in it is wrong.</summary>
internal static class GuardedParquet
{
    private const int Tail = 8;
    private static readonly TimeSpan LongestOpen = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestRead = TimeSpan.FromMinutes(5);

    /// <summary>Reads schema and metadata.</summary>
    /// <exception cref="IsotopeException">They can't be read.</exception>
    public static ParquetReader Open(string path) => Guarded(path, LongestOpen, () =>
    {
        RequireEndOfFooter(path);
        return ParquetReader.CreateAsync(path).GetAwaiter().GetResult();
    });

    /// <summary>Reads from an open file.</summary>
    /// <exception cref="IsotopeException">The file is damaged.</exception>
    public static T Read<T>(string path, Func<T> read) => Guarded(path, LongestRead, read);

    /// <summary>Refuses a group of rows that claims more than so many rows, or columns of more than so many bytes.</summary>
    /// <exception cref="IsotopeException">It does.</exception>
    public static void CheckSize(string path, ParquetRowGroupReader group, long maxRows, long maxBytes)
    {
        if (group.RowCount < 0 || group.RowCount > maxRows || group.RowGroup.Columns.Any(column => (column.MetaData?.TotalUncompressedSize ?? 0) is var size && (size < 0 || size > maxBytes)))
            throw new IsotopeException($"{path}: expected groups of at most {maxRows} rows and {maxBytes >> 20} MiB a column, found one of {group.RowCount} rows");
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

    /// <summary>The footer, a Thrift structure, ends with a zero before its own length and PAR1; without one, Parquet.Net reads on for ever.</summary>
    private static void RequireEndOfFooter(string path)
    {
        using var file = File.OpenRead(path);
        file.Seek(-Math.Min(file.Length, Tail + 1), SeekOrigin.End);
        if (file.ReadByte() != 0) throw new InvalidDataException("a footer without an end");
    }

    private static T Guarded<T>(string path, TimeSpan longest, Func<T> read)
    {
        try
        {
            return Task.Run(read).WaitAsync(longest).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is not IsotopeException)
        {
            throw new IsotopeException($"{path}: expected a whole Parquet file, found: {Printable.Short(e.Message, 200)}", e);
        }
    }
}
