using Isotope.Datasets.Formats;

namespace Isotope.Networks.BlackBoxes.Predictions;

/// <summary>One row: where it stands, for errors; the image's id; the values asked for.</summary>
internal readonly record struct PredictionRow(string Where, string Image, double[] Values);

/// <summary>A file of rows and named columns, read once from front to back.</summary>
internal abstract class PredictionTable : IDisposable
{
    /// <summary>Names of the columns.</summary>
    public abstract IReadOnlyList<string> Columns { get; }

    /// <summary>Opens CSV or Parquet, which the content tells apart.</summary>
    /// <exception cref="IsotopeException">It can't be read.</exception>
    public static PredictionTable Open(string path) =>
        DatasetPath.StartOf(path).AsSpan().StartsWith("PAR1"u8) ? ParquetTable.Open(path) : CsvTable.Open(path);

    /// <summary>The rows of some images, one or one group at a time; of others no number is read.</summary>
    /// <param name="image">Column of the image's id, a text.</param>
    /// <param name="values">Columns of numbers.</param>
    /// <param name="isWanted">Whether an image's row is; asked about every row.</param>
    /// <exception cref="IsotopeException">A row is not as the header says, or the file is damaged.</exception>
    public abstract IEnumerable<PredictionRow> Rows(int image, IReadOnlyList<int> values, Predicate<string> isWanted);

    /// <inheritdoc/>
    public abstract void Dispose();
}
