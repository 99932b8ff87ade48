namespace Isotope.Datasets.Formats;

/// <summary>
/// The image-folder layout: one folder per class, with images anywhere below it. Classes are in ordinal order of their names; images are in
/// the order of their folders and then of their names, as in torchvision's ImageFolder.
/// </summary>
internal static class ImageFolder
{
    /// <summary>Lists the images of class folders.</summary>
    /// <exception cref="IsotopeException">There is no such folder, no class folder, or no image of a class.</exception>
    public static Dataset Open(string root)
    {
        if (File.Exists(root))
            throw new IsotopeException($"{root}: expected a folder of class folders or {DatasetFormat.Names}, found something else");
        if (!Directory.Exists(root))
            throw new IsotopeException($"{root}: expected a folder of class folders, found no such folder");
        string[] classes =
        [
            .. new DirectoryInfo(root)
                .EnumerateDirectories()
                .Select(folder => folder.Name)
                .Where(name => !DatasetPath.IsLitter(name))
                .Order(StringComparer.Ordinal),
        ];
        if (classes.Length == 0)
        {
            var found = Directory.EnumerateFiles(root).Any(IsImage) ? "images outside of class folders" : "no folder";
            throw new IsotopeException($"{root}: expected one folder per class, or {DatasetFormat.Names}, found {found}");
        }

        if (classes.All(Splits.IsName) && classes.Any(name => DatasetPath.HasImagesInFolders(Path.Combine(root, name))))
            throw new IsotopeException(
                $"{root}: expected one folder per class, found splits: {string.Join(" and ", classes)}; name one of them, such as "
                    + $"{Path.Combine(root, classes.FirstOrDefault(name => Splits.Canonical(name) == Splits.Train) ?? classes[0])}"
            );
        return OtherFiles.AddTo(new Dataset(root, classes, [.. classes.SelectMany((name, label) => ImagesOf(root, name, label))]));
    }

    /// <summary>Lists the images of class folders if there are any, otherwise images without labels.</summary>
    /// <exception cref="IsotopeException">There is no image.</exception>
    public static Dataset OpenAny(string path) =>
        Directory.Exists(path) && Directory.EnumerateDirectories(path).Any() ? Open(path) : OpenUnlabelled(path);

    /// <summary>Lists the images anywhere below a folder, without labels.</summary>
    /// <exception cref="IsotopeException">There is no such folder, or no image.</exception>
    public static LabelledImage[] FilesBelow(string root) =>
        Directory.Exists(root) && Find(root, root, Dataset.Unlabelled) is { Length: > 0 } images
            ? images
            : throw new IsotopeException($"{root}: expected a folder of images in folders, found none");

    /// <summary>
    /// Names of class folders, whose ordinal order is that of the labels: the classes' own names if these are safe and in order; otherwise
    /// numbered names without special characters. Names of classes may be untrusted.
    /// </summary>
    public static string[] NamesOf(IReadOnlyList<string> classNames)
    {
        var areSafe = classNames.All(name => DatasetPath.SafeId(name) == name && !name.Contains('/'));
        if (areSafe && classNames.Zip(classNames.Skip(1)).All(pair => string.CompareOrdinal(pair.First, pair.Second) < 0))
            return [.. classNames];
        var digits = $"D{classNames.Count.ToString().Length}";
        return [.. classNames.Select((name, label) => $"{label.ToString(digits)}-{string.Concat(name.Select(Safe))}")];

        static char Safe(char c) => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_' or ',' ? c : '_';
    }

    /// <summary>Whether a file's extension is that of an image.</summary>
    public static bool IsImage(string path) => ImageCodec.Extensions.Contains(Path.GetExtension(path).ToLowerInvariant());

    private static Dataset OpenUnlabelled(string path)
    {
        string[] files = [];
        if (File.Exists(path))
            files = [path];
        else if (Directory.Exists(path))
            files = [.. Directory.EnumerateFiles(path).Where(IsImage).Order(StringComparer.Ordinal)];
        return files.Length > 0
            ? new Dataset(path, [], [.. files.Select(file => new LabelledImage(Path.GetFileName(file), file, Dataset.Unlabelled))])
            : throw new IsotopeException($"{path}: expected an image or a folder of images, found none");
    }

    private static LabelledImage[] ImagesOf(string root, string className, int label) =>
        Find(root, Path.Combine(root, className), label) is { Length: > 0 } images
            ? images
            : throw new IsotopeException(
                $"{Path.Combine(root, className)}: expected images ({string.Join(' ', ImageCodec.Extensions)}), found none"
            );

    private static LabelledImage[] Find(string root, string folder, int label) =>
        [
            .. DatasetPath
                .Enumerate(folder)
                .Where(IsImage)
                .Select(path => new LabelledImage(IdOf(root, path), path, label))
                .OrderBy(image => FolderOf(image.Id), StringComparer.Ordinal)
                .ThenBy(image => image.Id, StringComparer.Ordinal),
        ];

    /// <exception cref="IsotopeException">The name has a backslash, which is a folder's end elsewhere.</exception>
    private static string IdOf(string root, string path)
    {
        var id = DatasetPath.Relative(root, path);
        return id.Contains('\\')
            ? throw new IsotopeException($"{path}: expected a name without backslashes, which other systems take for folders, found one")
            : id;
    }

    private static string FolderOf(string id) => id[..Math.Max(0, id.LastIndexOf('/'))];
}
