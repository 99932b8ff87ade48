using System.Text.Json.Nodes;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Datasets.Formats;
using Isotope.Files;
using Isotope.Networks;
using Isotope.Runs;

namespace Isotope.Marking;

/// <summary>How many counterfactual versions are made, and of which images.</summary>
public sealed record CounterfactualOptions
{
    /// <summary>
    /// Versions K of every image, the published one included. Default 20: a class alone can then reach p = 0.05. Twins have 2.
    /// </summary>
    public int Versions { get; init; } = 20;

    /// <summary>Marked images of each class that are taken, drawn by the key. Default: all.</summary>
    public int? ImagesPerClass { get; init; }

    /// <summary>Folder of the query images; null for the one beside the published images.</summary>
    public string? Output { get; init; }

    /// <summary>Images marked at a time; it bears on speed and memory, never on the result.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Checks ranges.</summary>
    /// <exception cref="IsotopeException">An option is out of range.</exception>
    public void Validate()
    {
        OptionCheck.Require(
            Versions is >= QuerySet.FewestVersions and <= QuerySet.MostVersions,
            "versions",
            $"{QuerySet.FewestVersions} to {QuerySet.MostVersions} of each image",
            Versions
        );
        OptionCheck.Require(ImagesPerClass is null or >= 1, "counterfactual images", "at least 1 of each class", ImagesPerClass);
        OptionCheck.Require(BatchSize >= 1, "--batch", "at least 1", BatchSize);
    }
}

/// <summary>
/// What a dataset's marked images would have become under other keys (paper §3.5, exact form): the same originals, network, settings and
/// views, other carriers. Written with the published versions and the originals as a <see cref="QuerySet"/>; resumable as marking is. Where
/// this program on this machine makes other marks than were published, the published version is made anew like all others: a rank is
/// uniform among what was made alike.
/// </summary>
public sealed class CounterfactualMarker
{
    /// <summary>Published images that are marked again, to see whether they come out as they are.</summary>
    private const int Sample = 16;

    private readonly Dataset dataset;
    private readonly string published;
    private readonly Manifest manifest;
    private readonly CarrierKey key;
    private readonly Network network;
    private readonly CounterfactualOptions options;
    private readonly DatasetMarkingOptions marking;
    private readonly MarkedImage[] chosen;
    private readonly Dictionary<string, LabelledImage> sources;
    private readonly Dictionary<string, LabelledImage> publishedImages;
    private readonly string[] folders;

    /// <summary>Checks that everything is what the dataset was marked with.</summary>
    /// <param name="dataset">The vanilla originals.</param>
    /// <param name="published">What marking has written: a folder, or its files of images.</param>
    /// <param name="manifest">What was marked, and how.</param>
    /// <param name="key">The owner's key.</param>
    /// <param name="network">Marking network φ₀.</param>
    /// <param name="options">How many versions of how many images.</param>
    /// <exception cref="IsotopeException">Another key, network, original or marked image than the manifest's.</exception>
    public CounterfactualMarker(
        Dataset dataset,
        string published,
        Manifest manifest,
        CarrierKey key,
        Network network,
        CounterfactualOptions options
    )
    {
        if (!manifest.IsOfKey(key.Commitment))
            throw new IsotopeException("manifest: expected the manifest of what this key has marked, found another key's");
        if (network.Sha256 is null || manifest.Settings["network"]?["sha256"]?.ToString() != network.Sha256)
            throw new IsotopeException(
                "marking network: expected the one that the images were marked with, loaded from its file, found another"
            );
        dataset.RequireClasses(key.Classes);
        options.Validate();
        if (manifest.Unit == MarkUnit.Image)
            options = options with { Versions = 2 };
        (this.dataset, this.published, this.manifest, this.key, this.network, this.options) = (
            dataset,
            published,
            manifest,
            key,
            network,
            options
        );
        marking = DatasetMarkingOptions.Of(manifest) with { BatchSize = options.BatchSize };
        sources = dataset.Images.ToDictionary(image => image.Id, StringComparer.Ordinal);
        publishedImages = Dataset.ImagesBelow(published).ToDictionary(image => image.Id, StringComparer.Ordinal);
        folders = ImageFolder.NamesOf(dataset.ClassNames);
        chosen = [.. manifest.Images.GroupBy(image => image.ClassName).SelectMany(FirstOfClass)];
        foreach (var image in chosen)
            CheckFiles(image);
    }

    /// <summary>Marks into a new folder, or goes on with an interrupted run; writes the index.</summary>
    /// <exception cref="IsotopeException">There are query images already, an earlier run had other settings, or an image can't be
    /// read.</exception>
    public QuerySet Run(IProgress<StageProgress>? progress = null, CancellationToken cancellation = default)
    {
        var output = options.Output ?? QuerySet.FolderFor(published);
        using var claim = OutputLock.Take(output);
        AtomicFile.RequireNew(QuerySet.IndexFor(output), "it tells an earlier run's query images apart");
        AtomicFile.CreatePrivateFolder(output);
        var settings = Settings();
        using var journal = MarkingJournal.Open(MarkingJournal.PathFor(output), settings);
        var run = new MarkingRun(dataset, key, network, marking, (image, pixels) => marking.Encoding.Encode(image.Id, pixels), output);
        var again = run.Run([.. chosen.Take(Sample).Select(image => TaskOf(image, 0))], journal, progress, cancellation);
        var anew = again.Zip(chosen).Any(pair => pair.First.PixelsSha256 != pair.Second.PixelsSha256);
        settings[QuerySet.MadeAnewSetting] = anew;
        var first = anew ? 0 : 1;
        var tasks = Enumerable.Range(first, options.Versions - first).SelectMany(version => chosen.Select(image => TaskOf(image, version)));
        var marked = run.Run([.. tasks], journal, progress, cancellation)
            .Select((image, i) => new QueryImage(image.File, image.Id, image.ClassName, first + i / chosen.Length, image.Sha256));
        QueryImage[] images =
        [
            .. marked,
            .. anew ? [] : chosen.Select(image => CopyPublished(image, output)),
            .. chosen.Select(image => CopyOriginal(image, output)),
        ];
        foreach (var image in images)
            File.SetLastWriteTimeUtc(Path.Combine(output, image.File), AtomicFile.PublishedTime);
        var set = new QuerySet(
            settings,
            manifest.Unit,
            options.Versions,
            dataset.ClassNames,
            [.. images.OrderBy(image => image.File, StringComparer.Ordinal)]
        );
        set.Save(output);
        journal.Delete();
        return set;
    }

    private IEnumerable<MarkedImage> FirstOfClass(IEnumerable<MarkedImage> images) =>
        images.OrderBy(image => key.Stream($"select {image.Id}").NextUInt64()).Take(options.ImagesPerClass ?? int.MaxValue);

    private void CheckFiles(MarkedImage image)
    {
        if (!sources.TryGetValue(image.Id, out var source) || source.Source.Sha256() != image.SourceSha256)
            throw new IsotopeException(
                $"{Path.Combine(dataset.Root, image.Id)}: expected the vanilla image that was marked, found another or none"
            );
        if (!publishedImages.TryGetValue(image.File, out var marked) || marked.Source.Sha256() != image.Sha256)
            throw new IsotopeException($"{Path.Combine(published, image.File)}: expected the image that was published, found another");
    }

    private MarkingTask TaskOf(MarkedImage image, int version) => new(sources[image.Id], FileOf(image, version), version);

    /// <summary>Encoded as all others are, so that files do not tell; a JPEG is, and again would be another image.</summary>
    private QueryImage CopyPublished(MarkedImage image, string output)
    {
        var source = publishedImages[image.File].Source;
        return Write(image, marking.Encoding.JpegQuality is null ? Encode(image, source) : source.ReadEncoded(), 0, output);
    }

    private QueryImage CopyOriginal(MarkedImage image, string output) =>
        Write(image, Encode(image, sources[image.Id].Source), null, output);

    private byte[] Encode(MarkedImage image, ImageSource source) => marking.Encoding.Encode(image.Id, source.Decode()).Bytes;

    private QueryImage Write(MarkedImage image, byte[] bytes, int? version, string output)
    {
        var file = FileOf(image, version);
        MarkingRun.WriteInto(output, file, stream => stream.Write(bytes));
        return new QueryImage(file, image.Id, image.ClassName, version, Hashes.OfBytes(bytes));
    }

    /// <summary>Class and a name drawn from the key: without the index nobody can tell versions apart, nor which belong together.</summary>
    private string FileOf(MarkedImage image, int? version) =>
        $"{folders[sources[image.Id].Label]}/{key.Stream($"query {version} {image.Id}").NextUInt64():x16}{marking.Encoding.Extension}";

    private JsonObject Settings() =>
        new()
        {
            ["isotope"] = RunSettings.Version,
            [Manifest.KeyCommitment] = key.Commitment,
            ["publishedSha256"] = Hashes.OfBytes([.. manifest.Images.SelectMany(image => Convert.FromHexString(image.PixelsSha256))]),
            ["versions"] = options.Versions,
            ["imagesPerClass"] = options.ImagesPerClass,
            ["network"] = manifest.Settings["network"]?.DeepClone(),
            ["marking"] = manifest.Settings["marking"]?.DeepClone(),
        };
}
