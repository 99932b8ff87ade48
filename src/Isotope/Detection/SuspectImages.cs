using Isotope.Datasets;

namespace Isotope.Detection;

/// <summary>Images that may be marked: in class folders, or without a class that is known.</summary>
public static class SuspectImages
{
    /// <summary>
    /// Opens a dataset, whose names of classes say the labels; or a folder of images, or one image, of one label or none.
    /// </summary>
    /// <param name="path">Folder or file.</param>
    /// <param name="classNames">The names of the key's classes, in its order.</param>
    /// <param name="label">The class of images without class folders; null if it is not known.</param>
    /// <exception cref="IsotopeException">No images, or a class that is none of the key's.</exception>
    public static Dataset Open(string path, IReadOnlyList<string> classNames, string? label)
    {
        var images = Dataset.OpenAny(path);
        int[] labels = [.. images.ClassNames.Select(name => Find(path, classNames, name))];
        var given = label is null ? Dataset.Unlabelled : Find("--label", classNames, label);
        return images with
        {
            ClassNames = classNames,
            Images = [.. images.Images.Select(image => image with { Label = labels.Length > 0 ? labels[image.Label] : given })],
        };
    }

    /// <summary>
    /// The originals of suspects, one each and in their order: those of the same class and name whatever the extension; without class
    /// folders, those of the same name. A suspect without a label takes its original's.
    /// </summary>
    /// <exception cref="IsotopeException">A suspect has no original, or several.</exception>
    public static (Dataset Suspects, Dataset Originals) Pair(Dataset suspects, Dataset originals)
    {
        if (suspects.Images.Count == 1 && originals.Images.Count == 1)
            return (suspects, originals);
        var byName = originals.Images.ToLookup(image => Path.GetFileNameWithoutExtension(image.Id), StringComparer.Ordinal);
        LabelledImage[] found = [.. suspects.Images.Select(suspect => OriginalOf(suspect, byName, originals.Root))];
        var labelled = suspects.Images.Zip(
            found,
            (suspect, original) => suspect.Label == Dataset.Unlabelled ? suspect with { Label = original.Label } : suspect
        );
        return (suspects with { Images = [.. labelled] }, originals with { Images = found });
    }

    private static LabelledImage OriginalOf(LabelledImage suspect, ILookup<string, LabelledImage> byName, string root)
    {
        var isInClass = suspect.Id.Contains('/');
        var matches = byName[Path.GetFileNameWithoutExtension(suspect.Id)]
            .Where(original =>
                isInClass ? Dataset.Stem(original.Id) == Dataset.Stem(suspect.Id) : suspect.Label < 0 || original.Label == suspect.Label
            )
            .ToArray();
        return matches.Length == 1
            ? matches[0]
            : throw new IsotopeException($"{suspect.Source.Name}: expected one original of this name in {root}, found {matches.Length}");
    }

    private static int Find(string source, IReadOnlyList<string> classNames, string name) =>
        classNames.Index().Where(known => known.Item == name).Select(known => (int?)known.Index).FirstOrDefault()
        ?? throw new IsotopeException(
            $"{source}: expected a class of the key ({string.Join(", ", classNames.Take(12))}{(classNames.Count > 12 ? ", …" : "")}), "
                + $"found '{name}'"
        );
}
