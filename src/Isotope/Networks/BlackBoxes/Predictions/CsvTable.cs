using System.Globalization;
using Isotope.Files;
using nietras.SeparatedValues;

namespace Isotope.Networks.BlackBoxes.Predictions;

/// <summary>A CSV file: a header, commas, quotes where needed. One row is in memory at a time, of at most 16 million characters.</summary>
internal sealed class CsvTable : PredictionTable
{
    private readonly string path;
    private readonly SepReader reader;

    private CsvTable(string path, SepReader reader)
    {
        this.path = path;
        this.reader = reader;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns => reader.Header.ColNames;

    /// <summary>Opens a file and reads its header.</summary>
    /// <exception cref="IsotopeException">The header can't be read.</exception>
    public static new CsvTable Open(string path) =>
        new(path, Guarded(path, () => Sep.New(',').Reader(options => options with { Unescape = true }).FromFile(path)));

    /// <inheritdoc/>
    public override IEnumerable<PredictionRow> Rows(int image, IReadOnlyList<int> values, Predicate<string> isWanted)
    {
        while (Guarded(path, reader.MoveNext))
        {
            var id = reader.Current[image].ToString();
            if (isWanted(id))
                yield return Read(reader.Current, id, values);
        }
    }

    /// <inheritdoc/>
    public override void Dispose() => reader.Dispose();

    private PredictionRow Read(SepReader.Row row, string image, IReadOnlyList<int> values)
    {
        var where = $"{path} line {row.LineNumberFrom}";
        var numbers = new double[values.Count];
        for (var i = 0; i < numbers.Length; i++)
        {
            var cell = row[values[i]].Span;
            if (!double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]))
                throw new IsotopeException($"{where}: expected a number in column {Columns[values[i]]}, found '{Printable.Start(cell)}'");
        }

        return new PredictionRow(where, image, numbers);
    }

    private static T Guarded<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException or ArgumentException or IOException)
        {
            throw new IsotopeException(
                $"{path}: expected a CSV file with as many columns in each row as in the header, found: {Printable.Start(e.Message, 200)}",
                e
            );
        }
    }
}
