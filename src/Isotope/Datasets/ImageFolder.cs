namespace Isotope.Datasets;

/// <summary>
/// One image of a dataset. <paramref name="Id"/> is its path below the dataset's folder with '/' and names it wherever the
/// dataset lies; <paramref name="Label"/> is the index of its class.
/// </summary>
public sealed record LabelledImage(string Id, string Path, int Label);

/// <summary>
/// A dataset in the image-folder layout: one folder per class, images anywhere below it. Classes are in ordinal order of
/// their names, images in that of their folders and then of their names, as torchvision's ImageFolder has them.
/// </summary>
public sealed record ImageFolder(string Root, IReadOnlyList<string> ClassNames, IReadOnlyList<LabelledImage> Images)
{
    /// <summary>Label of an image whose class is not known.</summary>
    public const int Unlabelled = -1;

    /// <summary>Lists a dataset; images are not opened.</summary>
    /// <exception cref="IsotopeException">No such folder, no class folders, or a class without images.</exception>
    public static ImageFolder Open(string root)
    {
        if (!Directory.Exists(root)) throw new IsotopeException($"{root}: expected a folder of class folders, found no such folder");
        string[] classes = [.. Directory.EnumerateDirectories(root).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];
        if (classes.Length == 0) throw new IsotopeException($"{root}: expected one folder per class, found no folder");
        return new ImageFolder(root, classes, [.. classes.SelectMany((name, label) => ImagesOf(root, name, label))]);
    }

    /// <summary>Lists class folders where there are any, else images without labels.</summary>
    /// <exception cref="IsotopeException">There is no image.</exception>
    public static ImageFolder OpenAny(string path) =>
        Directory.Exists(path) && Directory.EnumerateDirectories(path).Any() ? Open(path) : OpenUnlabelled(path);

    /// <summary>Lists a folder of images without class folders, or one image file: no classes, labels of −1.</summary>
    /// <exception cref="IsotopeException">There is no image.</exception>
    private static ImageFolder OpenUnlabelled(string path)
    {
        string[] files = File.Exists(path) ? [path] : Directory.Exists(path) ? [.. Directory.EnumerateFiles(path).Where(IsImage).Order(StringComparer.Ordinal)] : [];
        return files.Length > 0
            ? new ImageFolder(path, [], [.. files.Select(file => new LabelledImage(Path.GetFileName(file), file, Unlabelled))])
            : throw new IsotopeException($"{path}: expected an image or a folder of images, found none");
    }

    /// <summary>
    /// The same dataset with files replaced by those of another folder that has the same class and file name, whatever the
    /// extension: how marked images (PNG) take the place of their vanilla versions (JPEG). Ids stay.
    /// </summary>
    /// <exception cref="IsotopeException">An overlay file has no counterpart, or a name stands for two files.</exception>
    public ImageFolder Overlay(string overlayRoot)
    {
        var replacements = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var image in Open(overlayRoot).Images)
            if (!replacements.TryAdd(Stem(image.Id), image.Path)) throw new IsotopeException($"{image.Path}: expected one file of this class and name, found {replacements[Stem(image.Id)]} too");
        var images = Images.Select(image => replacements.Remove(Stem(image.Id), out var path) ? image with { Path = path } : image).ToArray();
        if (replacements.Count > 0)
            throw new IsotopeException($"{replacements.Values.First()}: expected a vanilla image of this class and name in {Root}, found none");
        return this with { Images = images };
    }

    /// <summary>The same dataset with files replaced by those of a list, by their position in <see cref="Images"/>. Ids stay.</summary>
    /// <param name="list">Positions and paths.</param>
    /// <param name="source">What errors call the list, such as its file's name.</param>
    /// <exception cref="IsotopeException">A position is out of range, or a file is missing.</exception>
    public ImageFolder Overlay(PerSampleList list, string source)
    {
        var images = Images.ToArray();
        foreach (var (index, path) in list.Files)
        {
            if (index < 0 || index >= images.Length)
                throw new IsotopeException($"{source}: expected positions of 0 to {images.Length - 1}, one for each image in {Root}, found {index}");
            if (!File.Exists(path)) throw new IsotopeException($"{source}: expected an image for position {index} at {path}, found no such file");
            images[index] = images[index] with { Path = path };
        }

        return this with { Images = images };
    }

    /// <summary>Makes sure that there are as many classes as a classifier has.</summary>
    /// <exception cref="IsotopeException">There are not.</exception>
    public void RequireClasses(int classes)
    {
        if (ClassNames.Count != classes) throw new IsotopeException($"{Root}: expected {classes} class folders, found {ClassNames.Count}");
    }

    /// <summary>The first images of each class, in order.</summary>
    /// <exception cref="IsotopeException">Fewer than one per class.</exception>
    public ImageFolder Limit(int perClass)
    {
        OptionCheck.Require(perClass >= 1, "--limit", "at least 1 image per class", perClass);
        return this with { Images = [.. Images.GroupBy(image => image.Label).SelectMany(images => images.Take(perClass))] };
    }

    /// <summary>An id without its extension, which marking may change.</summary>
    public static string Stem(string id) => Path.ChangeExtension(id, null);

    private static bool IsImage(string path) => ImageCodec.Extensions.Contains(Path.GetExtension(path).ToLowerInvariant());

    private static string FolderOf(string id) => id[..id.LastIndexOf('/')];

    private static LabelledImage[] ImagesOf(string root, string className, int label)
    {
        var images = Directory.EnumerateFiles(Path.Combine(root, className), "*", SearchOption.AllDirectories)
            .Where(IsImage)
            .Select(path => new LabelledImage(Path.GetRelativePath(root, path).Replace('\\', '/'), path, label))
            .OrderBy(image => FolderOf(image.Id), StringComparer.Ordinal)
            .ThenBy(image => image.Id, StringComparer.Ordinal)
            .ToArray();
        if (images.Length == 0)
            throw new IsotopeException($"{Path.Combine(root, className)}: expected images ({string.Join(' ', ImageCodec.Extensions)}), found none");
        return images;
    }
}
