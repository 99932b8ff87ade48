using Isotope.Datasets.Formats;

namespace Isotope.Networks.BlackBoxes.Predictions;

/// <summary>A row: its place in the file, for errors; the image's id; the requested values.</summary>
internal readonly record struct PredictionRow(string Where, string Image, double[] Values);

/// <summary>A file with rows and named columns, read once from front to back.</summary>
internal abstract class PredictionTable : IDisposable
{
    /// <summary>Names of the columns.</summary>
    public abstract IReadOnlyList<string> Columns { get; }

    /// <summary>Opens CSV or Parquet, recognised by content.</summary>
    /// <exception cref="IsotopeException">The file can't be read.</exception>
    public static PredictionTable Open(string path) =>
        DatasetPath.StartOf(path).AsSpan().StartsWith("PAR1"u8) ? ParquetTable.Open(path) : CsvTable.Open(path);

    /// <summary>The rows of the wanted images; the numbers of others are not read.</summary>
    /// <param name="image">Column with the image's id, a text.</param>
    /// <param name="values">Columns with numbers.</param>
    /// <param name="isWanted">Whether an image is wanted, by its id; called for every row.</param>
    /// <exception cref="IsotopeException">A row does not match the header, or the file is damaged.</exception>
    public abstract IEnumerable<PredictionRow> Rows(int image, IReadOnlyList<int> values, Predicate<string> isWanted);

    /// <inheritdoc/>
    public abstract void Dispose();
}
