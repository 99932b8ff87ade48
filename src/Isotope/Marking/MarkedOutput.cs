using Isotope.Datasets;
using Isotope.Files;
using Isotope.Runs;

namespace Isotope.Marking;

/// <summary>
/// The form in which a marked dataset is written. First, marking writes each marked image as a file of its own. Then assembling puts the
/// marked images in their places among the others, whose bytes stay the same. Both can be resumed: files that exist are not written again.
/// </summary>
internal abstract class MarkedOutput
{
    /// <summary>The form that suits a dataset and the options.</summary>
    /// <exception cref="IsotopeException">They do not fit together.</exception>
    public static MarkedOutput Of(Dataset dataset, DatasetMarkingOptions options) =>
        options.WritesFiles(dataset) ? new FileOutput(dataset, options) : new ContainerOutput(dataset, options);

    /// <summary>The id of an image's marked version.</summary>
    public abstract string MarkedId(LabelledImage image);

    /// <summary>The id of an image in the output if it is not marked.</summary>
    public abstract string UnmarkedId(LabelledImage image);

    /// <summary>Encodes a marked image as it will be stored.</summary>
    /// <exception cref="IsotopeException">The format can't hold it.</exception>
    public abstract EncodedImage Encode(LabelledImage original, PixelImage marked);

    /// <summary>The folder in which marked images are files of their own, named by their ids.</summary>
    public virtual string FolderOfMarked(string output) => Staging(output);

    /// <summary>Writes everything but the marked images' own files.</summary>
    /// <param name="output">The folder of the result.</param>
    /// <param name="marked">The originals and their marked versions.</param>
    /// <param name="progress">Images or files done.</param>
    /// <param name="cancellation">Checked before each image or file.</param>
    public abstract void Assemble(
        string output,
        IReadOnlyList<(LabelledImage Original, MarkedImage Marked)> marked,
        IProgress<StageProgress>? progress,
        CancellationToken cancellation
    );

    /// <summary>
    /// Finishes an output: gives all files the same time, since their times would reveal what was written first, and deletes what is no
    /// longer needed.
    /// </summary>
    public static void Clean(string output)
    {
        foreach (var file in Directory.EnumerateFiles(output, "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(file, AtomicFile.PublishedTime);
        if (Directory.Exists(Staging(output)))
            Directory.Delete(Staging(output), recursive: true);
    }

    private static string Staging(string output) => FolderPath.Beside(output, ".staging");
}
