using Isotope.Datasets;

namespace Isotope.Detection;

/// <summary>Images that may be marked, in class folders or without a known class.</summary>
internal static class SuspectImages
{
    private const int NamesShown = 12;

    /// <summary>
    /// Opens a dataset, whose class names give the labels, or a folder of images or a single image, which share one label or have none.
    /// </summary>
    /// <param name="path">Folder or file.</param>
    /// <param name="classNames">The names of the key's classes, in its order.</param>
    /// <param name="label">The class of images without class folders; null if it is not known.</param>
    /// <exception cref="IsotopeException">There are no images, or a class is not one of the key's.</exception>
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
    /// The originals of suspects, one each and in their order. An original has the same class and name, whatever the extension and however
    /// Unicode composes its letters; without class folders, the same name. Where nothing has the name, the one original that looks alike is
    /// taken. A suspect without a label takes its original's.
    /// </summary>
    /// <exception cref="IsotopeException">A suspect has no original, or several.</exception>
    public static (Dataset Suspects, Dataset Originals) Pair(Dataset suspects, Dataset originals)
    {
        if (suspects.Images.Count == 1 && originals.Images.Count == 1)
            return (suspects, originals);
        var byName = originals.Images.ToLookup(image => Path.GetFileNameWithoutExtension(Composed(image.Id)), StringComparer.Ordinal);
        var looks = new Lazy<(LabelledImage Image, byte[] Looks)[]>(() => [.. originals.Images.Select(image => (image, LooksOf(image)))]);
        LabelledImage[] found = [.. suspects.Images.Select(suspect => OriginalOf(suspect, byName, looks, originals.Root))];
        var labelled = suspects.Images.Zip(
            found,
            (suspect, original) => suspect.Label == Dataset.Unlabelled ? suspect with { Label = original.Label } : suspect
        );
        return (suspects with { Images = [.. labelled] }, originals with { Images = found });
    }

    private static LabelledImage OriginalOf(
        LabelledImage suspect,
        ILookup<string, LabelledImage> byName,
        Lazy<(LabelledImage Image, byte[] Looks)[]> looks,
        string root
    )
    {
        var named = byName[Path.GetFileNameWithoutExtension(Composed(suspect.Id))];
        var matches = named.Where(original => IsOriginal(original, suspect)).ToArray();
        if (matches.Length == 0)
            matches = Alike(suspect, looks);
        if (matches.Length != 1)
            throw new IsotopeException(
                $"{suspect.Source.Name}: expected one original of this name or looks in {root}, found {matches.Length}"
            );
        return matches[0];
    }

    /// <summary>The originals of a suspect's class that look like it; none where an image can't be read.</summary>
    private static LabelledImage[] Alike(LabelledImage suspect, Lazy<(LabelledImage Image, byte[] Looks)[]> looks)
    {
        try
        {
            var own = LooksOf(suspect);
            return
            [
                .. looks
                    .Value.Where(original => suspect.Label == Dataset.Unlabelled || original.Image.Label == suspect.Label)
                    .Where(original => Thumbnail.Distance(own, original.Looks) <= VanillaGuard.MostDistance)
                    .Select(original => original.Image),
            ];
        }
        catch (IsotopeException)
        {
            return [];
        }
    }

    private static byte[] LooksOf(LabelledImage image) => Thumbnail.Of(image.Source.Decode());

    private static string Composed(string id) => id.IsNormalized() ? id : id.Normalize();

    /// <summary>Whether two images of the same name are also of the same class, as far as it is known.</summary>
    private static bool IsOriginal(LabelledImage original, LabelledImage suspect)
    {
        var isInClassFolder = suspect.Id.Contains('/');
        if (isInClassFolder)
            return Dataset.Stem(Composed(original.Id)) == Dataset.Stem(Composed(suspect.Id));
        return suspect.Label == Dataset.Unlabelled || original.Label == suspect.Label;
    }

    private static int Find(string source, IReadOnlyList<string> classNames, string name)
    {
        for (var label = 0; label < classNames.Count; label++)
            if (classNames[label] == name)
                return label;
        var known = string.Join(", ", classNames.Take(NamesShown)) + (classNames.Count > NamesShown ? ", …" : "");
        throw new IsotopeException($"{source}: expected a class of the key ({known}), found '{name}'");
    }
}
