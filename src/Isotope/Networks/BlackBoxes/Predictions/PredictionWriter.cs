using System.Globalization;
using Isotope.Datasets;
using Isotope.Files;
using nietras.SeparatedValues;
using Parquet;
using Parquet.Schema;

namespace Isotope.Networks.BlackBoxes.Predictions;

/// <summary>Writes answers as <see cref="PredictionFile"/> reads them.</summary>
internal static class PredictionWriter
{
    private const int RowsPerGroup = 16_384;

    /// <summary>Writes CSV, or Parquet if the name ends in <c>.parquet</c>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="kind">What every answer contains.</param>
    /// <param name="images">The images.</param>
    /// <param name="answers">Their answers, in the same order.</param>
    /// <exception cref="IsotopeException">The file can't be written.</exception>
    public static void Write(string path, OutputKind kind, IReadOnlyList<LabelledImage> images, IReadOnlyList<Answer> answers)
    {
        var form = PredictionForm.For(kind);
        var names = form.Names(answers.Count == 0 ? 1 : form.Values(answers[0]).Length);
        var rows = images.Zip(answers, (image, answer) => (image.Id, form.Values(answer)));
        AtomicFile.Write(
            path,
            stream =>
            {
                if (path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase))
                    WriteParquetAsync(stream, names, rows).GetAwaiter().GetResult();
                else
                    WriteCsv(stream, names, rows);
            }
        );
    }

    private static void WriteCsv(Stream stream, IReadOnlyList<string> names, IEnumerable<(string Id, double[] Values)> rows)
    {
        using var writer = Sep.New(',').Writer(options => options with { Escape = true }).To(stream, leaveOpen: true);
        foreach (var (id, values) in rows)
        {
            using var row = writer.NewRow();
            row[PredictionForm.ImageColumn].Set(id);
            for (var i = 0; i < names.Count; i++)
                row[names[i]].Set(values[i].ToString("R", CultureInfo.InvariantCulture));
        }
    }

    private static async Task WriteParquetAsync(Stream stream, IReadOnlyList<string> names, IEnumerable<(string Id, double[] Values)> rows)
    {
        var image = new DataField<string>(PredictionForm.ImageColumn);
        DataField[] values = [.. names.Select(name => new DataField<double>(name))];
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema([image, .. values]), stream);
        foreach (var chunk in rows.Chunk(RowsPerGroup))
        {
            using var group = writer.CreateRowGroup();
            await group.WriteAsync(image, chunk.Select(row => row.Id).ToArray());
            for (var i = 0; i < values.Length; i++)
                await group.WriteAsync<double>(values[i], chunk.Select(row => row.Values[i]).ToArray());
        }
    }
}
