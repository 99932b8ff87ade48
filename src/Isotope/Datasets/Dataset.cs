using System.Security.Cryptography;
using System.Text;
using Isotope.Datasets.Formats;
using Isotope.Files;
using Isotope.Runs;

namespace Isotope.Datasets;

/// <summary>One image of a dataset.</summary>
/// <param name="Id">Its name, the same wherever the dataset lies: the path below the dataset's folder, with '/', or what the format has
/// instead.</param>
/// <param name="Source">Where it is stored.</param>
/// <param name="Label">The index of its class, or <see cref="Dataset.Unlabelled"/>.</param>
public sealed record LabelledImage(string Id, ImageSource Source, int Label)
{
    /// <summary>An image in a file of its own.</summary>
    public LabelledImage(string id, string path, int label)
        : this(id, new FileSource(path), label) { }
}

/// <summary>A list of labelled images, whatever format they are stored in. Pixels are read only when they are needed.</summary>
/// <param name="Root">The path that was opened: a folder, a file or a pattern of files.</param>
/// <param name="ClassNames">The classes in the order of their labels.</param>
/// <param name="Images">The images in the format's order; ids are unique.</param>
public sealed record Dataset(string Root, IReadOnlyList<string> ClassNames, IReadOnlyList<LabelledImage> Images)
{
    /// <summary>The label of an image whose class is unknown.</summary>
    public const int Unlabelled = -1;

    /// <summary>The files of many images that the dataset is stored in; null if each image is a file.</summary>
    internal Container? Container { get; init; }

    /// <summary>The list that names images and labels; null if there is none.</summary>
    internal ImageList? List { get; init; }

    /// <summary>What was asked for when the dataset was opened; its marked version is read in the same way.</summary>
    internal DatasetOptions Options { get; init; } = new();

    /// <summary>How the dataset was read, in a few words, such as "Parquet, columns image and label".</summary>
    internal string Form { get; init; } = "class folders";

    /// <summary>Other files below the dataset's folder that are copied as they are: their paths.</summary>
    internal IReadOnlyList<string> Others { get; init; } = [];

    /// <summary>What was left out, and is not copied either: a line for each, such as "a.tar.gz (may hold the originals)".</summary>
    internal IReadOnlyList<string> LeftOut { get; init; } = [];

    /// <summary>
    /// Lists the images of a dataset without decoding them. The format follows from the files: one folder per class, IDX, CIFAR or STL-10
    /// batches, NumPy archives, tar or zip archives (WebDataset, ImageNet), Parquet (Hugging Face), or a list (CSV, TSV, JSON).
    /// </summary>
    /// <param name="path">A file; a pattern of files such as <c>data/test-*.parquet</c>; or a folder. Of a folder's files, only those for
    /// training are taken, if their names tell.</param>
    /// <param name="options">The columns and the split to read, where the files do not tell. Default: they tell.</param>
    /// <exception cref="IsotopeException">The path has none of these formats, or is damaged.</exception>
    public static Dataset Open(string path, DatasetOptions? options = null) =>
        DatasetFormat.Open(path, options ?? new()) ?? ImageFolder.Open(DatasetPath.FolderOfSplit(path, options?.Split));

    /// <summary>
    /// Like <see cref="Open"/>, but also takes a folder of images without class folders, or one image file, without labels.
    /// </summary>
    /// <exception cref="IsotopeException">There is no image, or the dataset is damaged.</exception>
    public static Dataset OpenAny(string path) => DatasetFormat.Open(path, new()) ?? ImageFolder.OpenAny(path);

    /// <summary>
    /// The same dataset, in which images of another dataset replace those with the same id, whatever the extension: marked images (PNG)
    /// take the place of their vanilla versions (JPEG). Ids stay.
    /// </summary>
    /// <param name="overlayRoot">The other dataset, in any format, or folders of images.</param>
    /// <exception cref="IsotopeException">An image of the other dataset replaces none or several, or two replace the same one.</exception>
    public Dataset Overlay(string overlayRoot)
    {
        var replacements = new Dictionary<string, ImageSource>(StringComparer.Ordinal);
        foreach (var image in ImagesBelow(overlayRoot))
            if (!replacements.TryAdd(Stem(image.Id), image.Source))
                throw new IsotopeException(
                    $"{image.Source.Name}: expected one file of this class and name, found {replacements[Stem(image.Id)].Name} too"
                );
        var byStem = Images.GroupBy(image => Stem(image.Id), StringComparer.Ordinal);
        if (byStem.FirstOrDefault(same => same.Count() > 1 && replacements.ContainsKey(same.Key)) is { } ambiguous)
            throw new IsotopeException(
                $"{replacements[ambiguous.Key].Name}: expected one vanilla image of this class and name in {Root}, found "
                    + $"{string.Join(" and ", ambiguous.Select(image => image.Id))}"
            );
        LabelledImage[] images =
        [
            .. Images.Select(image => replacements.Remove(Stem(image.Id), out var source) ? image with { Source = source } : image),
        ];
        if (replacements.Count > 0)
            throw new IsotopeException(
                $"{replacements.Values.First().Name}: expected a vanilla image of this class and name in {Root}, found none"
            );
        return this with { Images = images };
    }

    /// <summary>
    /// The same dataset, in which the files of a list replace images by their position in <see cref="Images"/>. Ids stay.
    /// </summary>
    /// <param name="list">The positions and paths.</param>
    /// <param name="source">What errors call the list, such as the name of its file.</param>
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

    /// <summary>The images of a dataset in any format, or of folders with any names; labels do not matter.</summary>
    /// <exception cref="IsotopeException">There are no images.</exception>
    internal static IReadOnlyList<LabelledImage> ImagesBelow(string path, DatasetOptions? options = null) =>
        DatasetFormat.Open(path, options ?? new())?.Images ?? ImageFolder.FilesBelow(path);

    /// <summary>Requires as many classes as a classifier or a key has.</summary>
    /// <exception cref="IsotopeException">The dataset has fewer or more.</exception>
    public void RequireClasses(int classes)
    {
        if (ClassNames.Count != classes)
            throw new IsotopeException($"{Root}: expected {classes} classes, found {ClassNames.Count}");
    }

    /// <summary>The first images of each class, in order.</summary>
    /// <param name="perClass">How many images of each class, at least 1.</param>
    /// <param name="skip">How many images of each class are skipped before them.</param>
    /// <exception cref="IsotopeException">Fewer than 1 image per class are asked for.</exception>
    public Dataset Limit(int perClass, int skip = 0)
    {
        OptionCheck.Require(perClass >= 1, "--limit", "at least 1 image per class", perClass);
        return this with { Images = [.. Images.GroupBy(image => image.Label).SelectMany(images => images.Skip(skip).Take(perClass))] };
    }

    /// <summary>The same dataset with images that are changed whenever they are read. Files stay as they are.</summary>
    /// <param name="change">Makes the changed pixels from an id and its pixels, the same ones every time.</param>
    public Dataset Change(Func<string, PixelImage, PixelImage> change) =>
        this with
        {
            Images = [.. Images.Select(image => image with { Source = new ChangedSource(image.Id, image.Source, change) })],
        };

    /// <summary>SHA-256 of the ids and the stored bytes of all images, however they are spread over files.</summary>
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

    /// <summary>SHA-256 of the list of ids. It identifies the dataset without reading its images.</summary>
    public string ListingSha256() => Hashes.OfBytes(Encoding.UTF8.GetBytes(string.Join('\n', Images.Select(image => image.Id))));

    /// <summary>An id without its extension: marking may change the extension, but not the rest.</summary>
    public static string Stem(string id) => Path.ChangeExtension(id, null);
}
