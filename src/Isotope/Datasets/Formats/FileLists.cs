using System.Text.Json;
using Isotope.Files;

namespace Isotope.Datasets.Formats;

/// <summary>Folders of image files whose labels, or whose split, are in a list of a known name.</summary>
internal static class FileLists
{
    private static readonly string[] FoodFolders = ["", "food-101"];
    private static readonly string[] FoodLists = [".txt", ".json"];
    private static readonly string[] Metadata = ["metadata.csv", "metadata.jsonl"];

    /// <summary>Opens such a folder; null if a path is none.</summary>
    /// <exception cref="IsotopeException">The list is damaged.</exception>
    public static Dataset? Open(string path, DatasetOptions options)
    {
        if (!Directory.Exists(path))
            return null;
        return OpenMetadata(path, options) ?? OpenFood(path, options);
    }

    /// <summary>Hugging Face's imagefolder. Metadata without labels, such as captions, do not make the dataset.</summary>
    private static Dataset? OpenMetadata(string path, DatasetOptions options)
    {
        var isSplit = options.Split is { } split && Metadata.Any(name => HasSplit(path, split, name));
        var folder = isSplit ? DatasetPath.FolderOfSplit(path, options.Split) : path;
        string[] lists = [.. Metadata.Select(name => Path.Combine(folder, name)).Where(File.Exists)];
        if (lists.Length == 0 || (options.LabelColumn is null && !lists.Any(HasLabels)))
            return null;
        if (lists.Length > 1)
            throw new IsotopeException($"{folder}: expected one list of images, found metadata.csv and metadata.jsonl; name one of them");
        return OtherFiles.AddTo(ImageLists.Open(folder, lists[0], isSplit ? options with { Split = null } : options), []);
    }

    private static bool HasSplit(string path, string split, string name) =>
        Directory
            .EnumerateDirectories(path)
            .Any(folder =>
                Splits.Canonical(Path.GetFileName(folder)) == Splits.Canonical(split) && File.Exists(Path.Combine(folder, name))
            );

    private static bool HasLabels(string list)
    {
        var hasLabels = false;
        ListTable.Read(
            list,
            names =>
            {
                hasLabels = Columns.FindLabel(list, [.. names], asked: null) is not null;
                return [];
            }
        );
        return hasLabels;
    }

    /// <summary>
    /// Food-101: <c>images/CLASS/ID.jpg</c>, and <c>meta/train.txt</c> with lines <c>CLASS/ID</c>, or <c>train.json</c> with a list of them
    /// for each class.
    /// </summary>
    private static Dataset? OpenFood(string path, DatasetOptions options)
    {
        var split = options.Split ?? "train";
        var list = FoodFolders
            .SelectMany(inner => FoodLists.Select(kind => Path.Combine(path, inner, "meta", split + kind)))
            .FirstOrDefault(File.Exists);
        if (list is null || !Directory.Exists(Path.Combine(Path.GetDirectoryName(list)!, "..", "images")))
            return null;
        var folder = DatasetPath.Relative(path, Path.Combine(Path.GetDirectoryName(list)!, "..", "images"));
        string[] names = [.. FoodNames(list)];
        if (names.FirstOrDefault(name => DatasetPath.SafeId(name) != name || name.Split('/').Length != 2) is { } other)
            throw new IsotopeException($"{list}: expected lines of CLASS/ID, found '{Printable.Start(other)}'");
        var (classes, labels) = ClassLabels.Of(list, [.. names.Select(name => name.Split('/')[0])]);
        string[] ids = [.. names.Select(name => $"{folder}/{name}.jpg")];
        if (ids.Length == 0 || ids.Distinct().Count() < ids.Length)
            throw new IsotopeException($"{list}: expected each image once, found {(ids.Length == 0 ? "none" : "one twice")}");
        var images = ids.Zip(labels, (id, label) => new LabelledImage(id, Path.Combine(path, id), label));
        return OtherFiles.AddTo(new Dataset(path, classes, [.. images]) { Form = $"Food-101, {split}" }, []);
    }

    private static IEnumerable<string> FoodNames(string list)
    {
        if (!list.EndsWith(".json", StringComparison.Ordinal))
            return File.ReadLines(list).Where(line => line.Length > 0).Select(line => line.Trim());
        return UntrustedFile.Read(
            list,
            stream =>
            {
                try
                {
                    return JsonSerializer.Deserialize<Dictionary<string, string[]>>(stream)!.SelectMany(names => names.Value).ToArray();
                }
                catch (Exception e) when (e is JsonException or NullReferenceException or ArgumentNullException)
                {
                    throw UntrustedFile.Unexpected("a list of CLASS/ID for each class", "something else");
                }
            }
        );
    }
}
