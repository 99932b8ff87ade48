using Isotope.Datasets;
using Isotope.Files;
using Isotope.Runs;

namespace Isotope.Marking;

/// <summary>
/// In which form a marked dataset is written. Marking writes each marked image as a file of its own; assembling puts them into their places
/// among the others, whose bytes stay. Both are resumed by doing what is not there yet.
/// </summary>
internal abstract class MarkedOutput
{
    /// <summary>The form that a dataset and options ask for.</summary>
    /// <exception cref="IsotopeException">They do not fit together.</exception>
    public static MarkedOutput Of(Dataset dataset, DatasetMarkingOptions options) =>
        options.WritesFiles(dataset) ? new FileOutput(dataset, options) : new ContainerOutput(dataset, options);

    /// <summary>The id that the marked version of an image will have.</summary>
    public abstract string MarkedId(LabelledImage image);

    /// <summary>The id that an image which is not marked will have.</summary>
    public abstract string UnmarkedId(LabelledImage image);

    /// <summary>A marked image as it will be stored.</summary>
    /// <exception cref="IsotopeException">It can't be stored so.</exception>
    public abstract EncodedImage Encode(LabelledImage original, PixelImage marked);

    /// <summary>The folder where marked images are files of their own, named by their ids.</summary>
    public virtual string FolderOfMarked(string output) => Staging(output);

    /// <summary>Writes everything else.</summary>
    /// <param name="output">The folder of the result.</param>
    /// <param name="marked">Originals and their marked versions.</param>
    /// <param name="progress">Images or files done.</param>
    /// <param name="cancellation">Checked before each of them.</param>
    public abstract void Assemble(
        string output,
        IReadOnlyList<(LabelledImage Original, MarkedImage Marked)> marked,
        IProgress<StageProgress>? progress,
        CancellationToken cancellation
    );

    /// <summary>
    /// When all is done: gives all files the same time, which would tell what was written first, and deletes what is not needed.
    /// </summary>
    public static void Clean(string output)
    {
        foreach (var file in Directory.EnumerateFiles(output, "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(file, AtomicFile.PublishedTime);
        if (Directory.Exists(Staging(output)))
            Directory.Delete(Staging(output), recursive: true);
    }

    private static string Staging(string output) => AtomicFile.Beside(output, ".staging");
}
