using Isotope.Datasets;
using Isotope.Runs;

namespace Isotope.Networks.BlackBoxes.Predictions;

/// <summary>
/// Predictions from elsewhere: a CSV or Parquet file with a column <c>image</c> (the image's id: its path below the folder of class
/// folders) and <c>p0…</c> (probabilities; <c>p:cat</c> names the class), <c>logit0…</c>, <c>loss</c>, <c>top1…</c> (labels, best first) or
/// <c>label</c>; labels are class indices. The file is streamed, and rows of images that are not asked about are skipped.
/// </summary>
internal sealed class PredictionFile : BlackBox
{
    private readonly string path;

    private PredictionFile(string path, int classes, Access access)
        : base(classes, access.Kind)
    {
        this.path = path;
        Access = access;
    }

    /// <summary>How much of the predictions is used.</summary>
    public Access Access { get; }

    /// <inheritdoc/>
    internal override bool HasAnswers => true;

    /// <summary>Names of its classes; null if the header does not have them.</summary>
    public IReadOnlyList<string>? Names { get; private init; }

    /// <summary>Opens a file and reads its header.</summary>
    /// <param name="path">The file.</param>
    /// <param name="classes">Number of classes that it must have.</param>
    /// <param name="access">How much of the predictions to use. Default: all of them.</param>
    /// <exception cref="IsotopeException">The file can't be read, or lacks the columns above.</exception>
    public static PredictionFile Open(string path, int classes, Access? access = null)
    {
        using var table = PredictionTable.Open(path);
        PredictionColumns.Find(path, table.Columns).RequireClasses(path, classes);
        return OpenAny(path, classes, access);
    }

    /// <summary>Opens a file of any number of classes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="classes">Number of classes if the columns do not tell, as those of labels.</param>
    /// <param name="access">As for <see cref="Open"/>.</param>
    /// <exception cref="IsotopeException">The file can't be read, or lacks the columns above.</exception>
    public static PredictionFile OpenAny(string path, int classes, Access? access = null)
    {
        using var table = PredictionTable.Open(path);
        var columns = PredictionColumns.Find(path, table.Columns);
        var count = columns.Form.PerClass ? columns.Values.Count : classes;
        return new PredictionFile(path, count, access ?? columns.Access) { Names = columns.Names };
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Answer> Ask(
        IReadOnlyList<LabelledImage> images,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        var answers = Find(images, progress, cancellation);
        if (images.Zip(answers).FirstOrDefault(pair => pair.Second is null).First is { } missing)
            throw new IsotopeException(
                $"{path}: expected a row for each of {images.Count} images, found none for {answers.Count(answer => answer is null)} of "
                    + $"them, such as {missing.Id}"
            );
        return answers!;
    }

    /// <summary>The answers to images; null where the file has none.</summary>
    /// <inheritdoc cref="Ask"/>
    public IReadOnlyList<Answer?> Find(
        IReadOnlyList<LabelledImage> images,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        using var table = PredictionTable.Open(path);
        var columns = PredictionColumns.Find(path, table.Columns);
        columns.RequireClasses(path, Classes);
        var wanted = images.ToDictionary(image => image.Id, StringComparer.Ordinal);
        var answers = new Dictionary<string, Answer>(StringComparer.Ordinal);
        foreach (var row in table.Rows(columns.Image, columns.Values, IsWanted))
        {
            var image = wanted[IdOf(row.Image)];
            var answer = Access.Of(columns.Form.Read(row, Classes), image.Label, row.Where);
            if (!answers.TryAdd(image.Id, answer))
                throw new IsotopeException($"{row.Where}: expected one row per image, found a second of {image.Id}");
            progress?.Report(new StageProgress("reading", answers.Count, images.Count));
        }

        return [.. images.Select(image => answers.GetValueOrDefault(image.Id))];

        bool IsWanted(string name)
        {
            cancellation.ThrowIfCancellationRequested();
            return wanted.ContainsKey(IdOf(name));
        }
    }

    private static string IdOf(string name) => name.Replace('\\', '/');
}
