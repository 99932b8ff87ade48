using System.IO.Enumeration;

namespace Isotope.Datasets.Formats;

/// <summary>
/// The image-folder layout: one folder per class, images anywhere below it. Classes are in ordinal order of their names, images in that of
/// their folders and then of their names, as torchvision's ImageFolder has them.
/// </summary>
internal static class ImageFolder
{
    /// <exception cref="IsotopeException">No such folder, no class folders, or a class without images.</exception>
    public static Dataset Open(string root)
    {
        if (!Directory.Exists(root))
            throw new IsotopeException(
                $"{root}: expected a folder of class "
                    + $"folders{(File.Exists(root) ? $" or {DatasetFormat.Names}, found something else" : ", found no such folder")}"
            );
        string[] classes =
        [
            .. Directory.EnumerateDirectories(root).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal),
        ];
        if (classes.Length == 0)
            throw new IsotopeException(
                $"{root}: expected one folder per class, or {DatasetFormat.Names}, found "
                    + $"{(Directory.EnumerateFiles(root).Any(IsImage) ? "images in no folder of a class" : "no folder")}"
            );
        return new Dataset(root, classes, [.. classes.SelectMany((name, label) => ImagesOf(root, name, label))]);
    }

    /// <summary>Lists class folders where there are any, else images without labels.</summary>
    /// <exception cref="IsotopeException">There is no image.</exception>
    public static Dataset OpenAny(string path) =>
        Directory.Exists(path) && Directory.EnumerateDirectories(path).Any() ? Open(path) : OpenUnlabelled(path);

    /// <summary>Images of any folder below a root, without labels.</summary>
    /// <exception cref="IsotopeException">No such folder, or no image.</exception>
    public static LabelledImage[] FilesBelow(string root) =>
        Directory.Exists(root) && Find(root, root, Dataset.Unlabelled) is { Length: > 0 } images
            ? images
            : throw new IsotopeException($"{root}: expected a folder of images in folders, found none");

    /// <summary>
    /// Names of folders in whose order the labels are: those of the classes, which a stranger has given, with their numbers before them
    /// where that takes it.
    /// </summary>
    public static string[] NamesOf(IReadOnlyList<string> classNames)
    {
        var areFolders =
            classNames.All(name => DatasetPath.SafeId(name) == name && !name.Contains('/'))
            && classNames.Zip(classNames.Skip(1)).All(pair => string.CompareOrdinal(pair.First, pair.Second) < 0);
        if (areFolders)
            return [.. classNames];
        var digits = $"D{classNames.Count.ToString().Length}";
        return
        [
            .. classNames.Select(
                (name, label) =>
                    $"{label.ToString(digits)}-{string.Concat(name.Select(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_' or ',' ? c : '_'))}"
            ),
        ];
    }

    /// <summary>Whether a file's name is that of an image.</summary>
    public static bool IsImage(string path) => ImageCodec.Extensions.Contains(Path.GetExtension(path).ToLowerInvariant());

    private static Dataset OpenUnlabelled(string path)
    {
        string[] files =
            File.Exists(path) ? [path]
            : Directory.Exists(path) ? [.. Directory.EnumerateFiles(path).Where(IsImage).Order(StringComparer.Ordinal)]
            : [];
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
            .. FilesOf(folder)
                .Where(IsImage)
                .Select(path => new LabelledImage(Path.GetRelativePath(root, path).Replace('\\', '/'), path, label))
                .OrderBy(image => FolderOf(image.Id), StringComparer.Ordinal)
                .ThenBy(image => image.Id, StringComparer.Ordinal),
        ];

    /// <summary>
    /// Links may stand for images and for the folders of classes; one to a folder below them could lead anywhere, and round and round.
    /// </summary>
    private static FileSystemEnumerable<string> FilesOf(string folder) =>
        new(
            folder,
            static (ref FileSystemEntry entry) => entry.ToFullPath(),
            new EnumerationOptions
            {
                RecurseSubdirectories = true,
                AttributesToSkip = 0,
                IgnoreInaccessible = false,
            }
        )
        {
            ShouldIncludePredicate = static (ref FileSystemEntry entry) => !entry.IsDirectory,
            ShouldRecursePredicate = static (ref FileSystemEntry entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
        };

    private static string FolderOf(string id) => id[..Math.Max(0, id.LastIndexOf('/'))];
}
