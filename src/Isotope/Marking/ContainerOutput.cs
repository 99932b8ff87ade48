using Isotope.Datasets;
using Isotope.Datasets.Formats;
using Isotope.Files;
using Isotope.Runs;

namespace Isotope.Marking;

/// <summary>
/// Writes files of many images in the dataset's own format. Each file is written in one go, once all of its marked images exist.
/// </summary>
internal sealed class ContainerOutput : MarkedOutput
{
    private readonly Container container;
    private readonly ImageEncoding encoding;

    private readonly bool isUniform;

    /// <summary>Images that are written anew even if they are not marked: all or none.</summary>
    private readonly IReadOnlyList<LabelledImage> alsoEncoded;

    /// <exception cref="IsotopeException">The format can't store this encoding.</exception>
    public ContainerOutput(Dataset dataset, DatasetMarkingOptions options)
    {
        container = dataset.Container!;
        encoding = options.FileEncoding;
        container.Format.Require(encoding);
        foreach (var file in container.Files)
            container.Format.RequireRewritable(file);
        isUniform = options.UniformEncoding;
        var stripsMetadata = options.WithoutMetadata && dataset.Images is not [{ Source: RawSource }, ..];
        alsoEncoded = isUniform || stripsMetadata ? dataset.Images : [];
    }

    /// <inheritdoc/>
    public override string MarkedId(LabelledImage image) => container.Format.MarkedId(image, encoding);

    /// <inheritdoc/>
    public override string UnmarkedId(LabelledImage image) => isUniform ? MarkedId(image) : image.Id;

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
        var folder = FolderOfMarked(output);
        var markedImages = marked.Select(pair =>
            Replace(pair.Original, () => File.ReadAllBytes(Path.Combine(folder, pair.Marked.File)), cancellation)
        );
        var otherImages = alsoEncoded
            .Except(marked.Select(pair => pair.Original))
            .Select(image =>
                Replace(image, () => isUniform ? Encode(image, image.Source.Decode()).Bytes : encoding.Copy(image.Source), cancellation)
            );
        var replacements = markedImages.Concat(otherImages).ToLookup(image => image.Source.File);

        string[] files = [.. container.Files, .. container.Companions];
        foreach (var (i, file) in files.Index())
        {
            cancellation.ThrowIfCancellationRequested();
            var path = Path.GetRelativePath(container.Folder, file);
            if (!File.Exists(Path.Combine(output, path)))
                AtomicFile.WriteBelow(output, path, stream => Write(file, [.. replacements[file]], stream));
            progress?.Report(new StageProgress("writing files", i + 1, files.Length));
        }
    }

    private Replacement Replace(LabelledImage image, Func<byte[]> read, CancellationToken cancellation) =>
        new(
            image.Source,
            encoding.Format == ImageFormat.Original ? null : encoding.Extension,
            () =>
            {
                cancellation.ThrowIfCancellationRequested();
                return read();
            }
        );

    /// <summary>Writes a file with some images replaced. A file without replacements is copied as it is.</summary>
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
