using System.Text.Json.Nodes;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Datasets.Formats;
using Isotope.Files;
using Isotope.Networks;
using Isotope.Runs;

namespace Isotope.Marking;

/// <summary>
/// Marks a dataset's marked images again with other carriers, but with the same originals, network, settings and views: the versions that
/// other keys would have published (an exact form of paper §3.5). They are written with the published versions and the originals as a
/// <see cref="QuerySet"/>; an interrupted run can be resumed. If this program on this machine does not reproduce the published marks, the
/// published version is made anew as well: a rank is uniform only among versions that were made alike.
/// </summary>
public sealed class CounterfactualMarker
{
    /// <summary>How many published images are marked again, to see whether they are reproduced.</summary>
    private const int Sample = 16;

    private readonly Dataset dataset;
    private readonly Manifest manifest;
    private readonly CarrierKey key;
    private readonly Network network;
    private readonly int versions;
    private readonly int? imagesPerClass;
    private readonly string output;
    private readonly DatasetMarkingOptions marking;
    private readonly ImageEncoding encoding;
    private readonly MarkedImage[] chosen;
    private readonly Dictionary<string, LabelledImage> originals;
    private readonly Dictionary<string, LabelledImage> published;
    private readonly string[] classFolders;

    /// <summary>Checks that everything is what the dataset was marked with.</summary>
    /// <param name="dataset">The vanilla originals.</param>
    /// <param name="published">The output of marking: a folder, or its files of many images.</param>
    /// <param name="manifest">The manifest of that output.</param>
    /// <param name="key">The owner's key.</param>
    /// <param name="network">The marking network φ₀.</param>
    /// <param name="options">How many versions of how many images.</param>
    /// <exception cref="IsotopeException">The manifest names another key, network, original or marked image.</exception>
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
        MarkingNetworkCheck.Require(network, manifest);
        dataset.RequireClasses(key.Classes);
        options.Validate();
        this.dataset = dataset;
        this.manifest = manifest;
        this.key = key;
        this.network = network;
        versions = manifest.Unit == MarkUnit.Image ? 2 : options.Versions;
        imagesPerClass = options.ImagesPerClass;
        output = options.Output ?? QuerySet.FolderFor(published);
        marking = DatasetMarkingOptions.Of(manifest) with { BatchSize = options.BatchSize };
        encoding = marking.FileEncoding with { Stored = false };
        originals = dataset.Images.ToDictionary(image => image.Id, StringComparer.Ordinal);
        this.published = Dataset.ImagesBelow(published, dataset.Options).ToDictionary(image => image.Id, StringComparer.Ordinal);
        classFolders = ImageFolder.NamesOf(dataset.ClassNames);
        chosen = [.. manifest.Images.GroupBy(image => image.ClassName).SelectMany(ChooseFromClass)];
        foreach (var image in chosen)
            RequireUnchanged(image, published);
    }

    /// <summary>Writes the query images to a new folder, or resumes an interrupted run; writes the index last.</summary>
    /// <exception cref="IsotopeException">The folder has an index already, an earlier run had other settings, or an image can't be
    /// read.</exception>
    public QuerySet Run(IProgress<StageProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var claim = OutputLock.Take(output);
        AtomicFile.RequireNew(QuerySet.IndexFor(output), "it tells an earlier run's query images apart");
        AtomicFile.CreatePrivateFolder(output);
        var settings = Settings();
        using var journal = MarkingJournal.Open(MarkingJournal.PathFor(output), settings);
        var run = new MarkingRun(dataset, key, network, marking, (image, pixels) => encoding.Encode(image.Source, pixels), output);

        var sample = run.Run([.. chosen.Take(Sample).Select(image => TaskOf(image, version: 0))], journal, progress, cancellation);
        var anew = sample.Zip(chosen).Any(pair => pair.First.PixelsSha256 != pair.Second.PixelsSha256);
        settings[QuerySet.MadeAnewSetting] = anew;

        var first = anew ? 0 : 1;
        var toMark = Enumerable.Range(first, versions - first).SelectMany(version => chosen.Select(image => TaskOf(image, version)));
        var marked = run.Run([.. toMark], journal, progress, cancellation)
            .Select((image, i) => new QueryImage(image.File, image.Id, image.ClassName, first + i / chosen.Length, image.Sha256));
        QueryImage[] images = [.. marked, .. anew ? [] : chosen.Select(CopyPublished), .. chosen.Select(CopyOriginal)];

        foreach (var image in images)
            File.SetLastWriteTimeUtc(Path.Combine(output, image.File), AtomicFile.PublishedTime);
        images = [.. images.OrderBy(image => image.File, StringComparer.Ordinal)];
        var set = new QuerySet(settings, manifest.Unit, versions, dataset.ClassNames, images);
        set.Save(output);
        journal.Delete();
        return set;
    }

    private IEnumerable<MarkedImage> ChooseFromClass(IEnumerable<MarkedImage> images) =>
        images.OrderBy(image => ImageSelection.PlaceOf(image.Id, key)).Take(imagesPerClass ?? int.MaxValue);

    private void RequireUnchanged(MarkedImage image, string publishedPath)
    {
        if (!originals.TryGetValue(image.Id, out var original) || original.Source.Sha256() != image.SourceSha256)
            throw new IsotopeException(
                $"{Path.Combine(dataset.Root, image.Id)}: expected the vanilla image that was marked, found another or none"
            );
        if (!published.TryGetValue(image.File, out var marked) || marked.Source.Sha256() != image.Sha256)
            throw new IsotopeException($"{Path.Combine(publishedPath, image.File)}: expected the image that was published, found another");
    }

    private MarkingTask TaskOf(MarkedImage image, int version) => new(originals[image.Id], FileOf(image, version), version);

    /// <summary>
    /// Encodes the published version like all others, so that files do not reveal it. A JPEG, or an image in its own format, is encoded so
    /// already; encoding it again would change it.
    /// </summary>
    private QueryImage CopyPublished(MarkedImage image)
    {
        var source = published[image.File].Source;
        var isAlike = encoding.Format is ImageFormat.Original or ImageFormat.Jpeg;
        return Write(image, isAlike ? source.ReadEncoded() : Encode(source), version: 0);
    }

    private QueryImage CopyOriginal(MarkedImage image)
    {
        var source = originals[image.Id].Source;
        return Write(image, encoding.Format == ImageFormat.Original ? encoding.Copy(source) : Encode(source), version: null);
    }

    private byte[] Encode(ImageSource source) => encoding.Encode(source, source.Decode()).Bytes;

    private QueryImage Write(MarkedImage image, byte[] bytes, int? version)
    {
        var file = FileOf(image, version);
        AtomicFile.WriteBelow(output, file, stream => stream.Write(bytes));
        return new QueryImage(file, image.Id, image.ClassName, version, Hashes.OfBytes(bytes));
    }

    /// <summary>
    /// The class's folder and a name drawn from the key: without the index nobody can tell versions apart, or which images belong together.
    /// </summary>
    private string FileOf(MarkedImage image, int? version)
    {
        var name = key.Stream($"query {version} {image.Id}").NextUInt64();
        var original = originals[image.Id];
        var extension = Path.GetExtension(encoding.NameOf(original.Id, original.Source));
        return $"{classFolders[original.Label]}/{name:x16}{extension}";
    }

    private JsonObject Settings() =>
        new()
        {
            ["isotope"] = RunSettings.Version,
            [Manifest.KeyCommitment] = key.Commitment,
            ["publishedSha256"] = Hashes.OfBytes([.. manifest.Images.SelectMany(image => Convert.FromHexString(image.PixelsSha256))]),
            ["versions"] = versions,
            ["imagesPerClass"] = imagesPerClass,
            [MarkingNetworkCheck.Setting] = manifest.Settings[MarkingNetworkCheck.Setting]?.DeepClone(),
            ["marking"] = manifest.Settings["marking"]?.DeepClone(),
        };
}
