using Isotope.Datasets;
using Isotope.Datasets.Formats;
using Isotope.Runs;

namespace Isotope.Marking;

/// <summary>
/// Files of many images, as the dataset's own: each is written whole, streaming, once all of its marked images are there.
/// </summary>
internal sealed class ContainerOutput : MarkedOutput
{
    private readonly Container container;
    private readonly ImageEncoding encoding;
    private readonly IReadOnlyList<LabelledImage> alsoEncoded;

    /// <exception cref="IsotopeException">The format can't store this encoding.</exception>
    public ContainerOutput(Dataset dataset, DatasetMarkingOptions options)
    {
        (container, encoding) = (dataset.Container!, options.FileEncoding);
        container.Format.Require(encoding);
        alsoEncoded = options.UniformEncoding ? dataset.Images : [];
    }

    /// <inheritdoc/>
    public override string MarkedId(LabelledImage image) => container.Format.MarkedId(image.Id, encoding.Extension);

    /// <inheritdoc/>
    public override string UnmarkedId(LabelledImage image) => alsoEncoded.Count > 0 ? MarkedId(image) : image.Id;

    /// <inheritdoc/>
    public override EncodedImage Encode(LabelledImage original, PixelImage marked) => container.Format.Encode(original, marked, encoding);

    /// <inheritdoc/>
    public override void Assemble(
        string output,
        IReadOnlyList<(LabelledImage Original, MarkedImage Marked)> marked,
        IProgress<StageProgress>? progress,
        CancellationToken cancellation
    )
    {
        var rest = alsoEncoded
            .Except(marked.Select(pair => pair.Original))
            .Select(image => New(image.Source, () => Encode(image, image.Source.Decode()).Bytes, cancellation));
        var byFile = marked
            .Select(pair =>
                New(pair.Original.Source, () => File.ReadAllBytes(Path.Combine(FolderOfMarked(output), pair.Marked.File)), cancellation)
            )
            .Concat(rest)
            .ToLookup(image => image.Source.File);
        var done = 0;
        foreach (var file in container.Files.Concat(container.Companions))
        {
            cancellation.ThrowIfCancellationRequested();
            var place = Path.GetRelativePath(container.Folder, file);
            if (!File.Exists(Path.Combine(output, place)))
                MarkingRun.WriteInto(output, place, stream => Write(file, [.. byFile[file]], stream));
            progress?.Report(new StageProgress("writing files", ++done, container.Files.Count + container.Companions.Count));
        }
    }

    private Replacement New(ImageSource source, Func<byte[]> read, CancellationToken cancellation) =>
        new(
            source,
            encoding.Extension,
            () =>
            {
                cancellation.ThrowIfCancellationRequested();
                return read();
            }
        );

    /// <summary>A file of which nothing is replaced is copied as it is.</summary>
    private void Write(string file, Replacement[] replacements, Stream output)
    {
        if (replacements.Length > 0)
        {
            container.Format.Rewrite(file, replacements, output);
            return;
        }

        using var source = File.OpenRead(file);
        source.CopyTo(output);
    }
}
