using System.Security.Cryptography;
using System.Text;
using Isotope.Datasets.Formats;
using Isotope.Files;
using Isotope.Runs;

namespace Isotope.Datasets;

/// <summary>
/// One image of a dataset. <paramref name="Id"/> names it wherever the dataset lies: its path below the dataset's folder with '/', or what
/// its format has instead; <paramref name="Label"/> is the index of its class.
/// </summary>
public sealed record LabelledImage(string Id, ImageSource Source, int Label)
{
    /// <summary>An image that is a file of its own.</summary>
    public LabelledImage(string id, string path, int label)
        : this(id, new FileSource(path), label) { }
}

/// <summary>Labelled images in one of the formats that people keep them in; only the list is in memory.</summary>
/// <param name="Root">The path that was opened: a folder, a file or a pattern of files.</param>
/// <param name="ClassNames">Classes in the order of their labels.</param>
/// <param name="Images">Images in the format's order; ids are unique.</param>
public sealed record Dataset(string Root, IReadOnlyList<string> ClassNames, IReadOnlyList<LabelledImage> Images)
{
    /// <summary>Label of an image whose class is not known.</summary>
    public const int Unlabelled = -1;

    /// <summary>The files of many images that it is stored in; null for files of one image each.</summary>
    internal Container? Container { get; init; }

    /// <summary>The list that names images and labels; null where there is none.</summary>
    internal ImageList? List { get; init; }

    /// <summary>
    /// Lists a dataset, whose format follows from its files: one folder per class, IDX, CIFAR's batches, tar shards (WebDataset), Parquet
    /// (Hugging Face), or a CSV or JSONL list. Images are not decoded.
    /// </summary>
    /// <param name="path">A file; a folder, of which the training files are taken where names tell; or a pattern such as
    /// <c>data/test-*.parquet</c>.</param>
    /// <exception cref="IsotopeException">It is nothing of that, or damaged.</exception>
    public static Dataset Open(string path) => DatasetFormat.Open(path) ?? ImageFolder.Open(path);

    /// <summary>As <see cref="Open"/>; a folder of images without class folders and one image file are taken too, without labels.</summary>
    /// <exception cref="IsotopeException">There is no image.</exception>
    public static Dataset OpenAny(string path) => DatasetFormat.Open(path) ?? ImageFolder.OpenAny(path);

    /// <summary>
    /// The same dataset with images replaced by those of another that have the same id, whatever the extension: how marked images (PNG)
    /// take the place of their vanilla versions (JPEG). Ids stay.
    /// </summary>
    /// <exception cref="IsotopeException">An overlay image has no counterpart, or a name stands for two.</exception>
    public Dataset Overlay(string overlayRoot)
    {
        var replacements = new Dictionary<string, ImageSource>(StringComparer.Ordinal);
        foreach (var image in ImagesBelow(overlayRoot))
            if (!replacements.TryAdd(Stem(image.Id), image.Source))
                throw new IsotopeException(
                    $"{image.Source.Name}: expected one file of this class and name, found {replacements[Stem(image.Id)].Name} too"
                );
        var twice = Images
            .GroupBy(image => Stem(image.Id), StringComparer.Ordinal)
            .FirstOrDefault(named => named.Count() > 1 && replacements.ContainsKey(named.Key));
        if (twice is not null)
            throw new IsotopeException(
                $"{replacements[twice.Key].Name}: expected one vanilla image of this class and name in {Root}, found "
                    + $"{string.Join(" and ", twice.Select(image => image.Id))}"
            );
        var images = Images
            .Select(image => replacements.Remove(Stem(image.Id), out var source) ? image with { Source = source } : image)
            .ToArray();
        if (replacements.Count > 0)
            throw new IsotopeException(
                $"{replacements.Values.First().Name}: expected a vanilla image of this class and name in {Root}, found none"
            );
        return this with { Images = images };
    }

    /// <summary>
    /// The same dataset with images replaced by the files of a list, by their position in <see cref="Images"/>. Ids stay.
    /// </summary>
    /// <param name="list">Positions and paths.</param>
    /// <param name="source">What errors call the list, such as its file's name.</param>
    /// <exception cref="IsotopeException">A position is out of range, or a file is missing.</exception>
    public Dataset Overlay(PerSampleList list, string source)
    {
        var images = Images.ToArray();
        foreach (var (index, path) in list.Files)
        {
            if (index < 0 || index >= images.Length)
                throw new IsotopeException(
                    $"{source}: expected positions of 0 to {images.Length - 1}, one for each image in {Root}, found {index}"
                );
            if (!File.Exists(path))
                throw new IsotopeException($"{source}: expected an image for position {index} at {path}, found no such file");
            images[index] = images[index] with { Source = new FileSource(path) };
        }

        return this with
        {
            Images = images,
        };
    }

    /// <summary>Images of a dataset in any format, or of folders of any names: by their ids, whatever their labels.</summary>
    /// <exception cref="IsotopeException">There are none.</exception>
    internal static IReadOnlyList<LabelledImage> ImagesBelow(string path) =>
        DatasetFormat.Open(path)?.Images ?? ImageFolder.FilesBelow(path);

    /// <summary>Makes sure that there are as many classes as a classifier has.</summary>
    /// <exception cref="IsotopeException">There are not.</exception>
    public void RequireClasses(int classes)
    {
        if (ClassNames.Count != classes)
            throw new IsotopeException($"{Root}: expected {classes} classes, found {ClassNames.Count}");
    }

    /// <summary>The first images of each class, in order.</summary>
    /// <param name="perClass">How many.</param>
    /// <param name="skip">How many of each class are left out before them.</param>
    /// <exception cref="IsotopeException">Fewer than one per class.</exception>
    public Dataset Limit(int perClass, int skip = 0)
    {
        OptionCheck.Require(perClass >= 1, "--limit", "at least 1 image per class", perClass);
        return this with { Images = [.. Images.GroupBy(image => image.Label).SelectMany(images => images.Skip(skip).Take(perClass))] };
    }

    /// <summary>The same dataset with images that are changed whenever they are read; files stay as they are.</summary>
    /// <param name="change">Pixels of an id → the pixels that are seen; the same every time.</param>
    public Dataset Change(Func<string, PixelImage, PixelImage> change) =>
        this with
        {
            Images = [.. Images.Select(image => image with { Source = new ChangedSource(image.Id, image.Source, change) })],
        };

    /// <summary>SHA-256 of the ids and of the stored bytes, in whatever files they are.</summary>
    /// <exception cref="IsotopeException">A file can't be read.</exception>
    public string ContentsSha256(CancellationToken cancellation = default)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var image in Images)
        {
            cancellation.ThrowIfCancellationRequested();
            hash.AppendData(Encoding.UTF8.GetBytes($"{image.Id}\n{image.Source.Sha256()}\n"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>SHA-256 of the list of ids: which dataset it is, without reading the images.</summary>
    public string ListingSha256() => Hashes.OfBytes(Encoding.UTF8.GetBytes(string.Join('\n', Images.Select(image => image.Id))));

    /// <summary>An id without its extension, which marking may change.</summary>
    public static string Stem(string id) => Path.ChangeExtension(id, null);
}
