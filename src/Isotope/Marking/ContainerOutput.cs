using Isotope.Datasets;
using Isotope.Datasets.Formats;

namespace Isotope.Marking;

/// <summary>Files of many images, as the dataset's own: each is written whole, streaming, once all of its marked images are there.</summary>
internal sealed class ContainerOutput : MarkedOutput
{
    private readonly Container container;
    private readonly ImageEncoding encoding;

    /// <exception cref="IsotopeException">The format can't store this encoding.</exception>
    public ContainerOutput(Container container, ImageEncoding encoding)
    {
        container.Format.Require(encoding);
        (this.container, this.encoding) = (container, encoding);
    }

    /// <inheritdoc/>
    public override string MarkedId(LabelledImage image) => container.Format.MarkedId(image.Id, encoding.Extension);

    /// <inheritdoc/>
    public override string UnmarkedId(LabelledImage image) => image.Id;

    /// <inheritdoc/>
    public override EncodedImage Encode(LabelledImage original, PixelImage marked) => container.Format.Encode(original, marked, encoding);

    /// <inheritdoc/>
    public override string FolderOfMarked(string output) => AtomicFile.Beside(output, ".staging");

    /// <inheritdoc/>
    public override void Assemble(
        string output, IReadOnlyList<(LabelledImage Original, MarkedImage Marked)> marked, IProgress<StageProgress>? progress, CancellationToken cancellation)
    {
        var byFile = marked.ToLookup(pair => pair.Original.Source.File, pair => new Replacement(pair.Original.Source, Path.Combine(FolderOfMarked(output), pair.Marked.File)));
        var done = 0;
        foreach (var file in container.Files.Concat(container.Companions))
        {
            cancellation.ThrowIfCancellationRequested();
            var place = Path.GetRelativePath(container.Folder, file);
            if (!File.Exists(Path.Combine(output, place))) MarkingRun.WriteInto(output, place, stream => Write(file, [.. byFile[file]], stream));
            progress?.Report(new StageProgress("writing files", ++done, container.Files.Count + container.Companions.Count));
        }
    }

    /// <inheritdoc/>
    public override void Clean(string output)
    {
        if (Directory.Exists(FolderOfMarked(output))) Directory.Delete(FolderOfMarked(output), recursive: true);
    }

    /// <summary>A file without marked images is copied as it is.</summary>
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
