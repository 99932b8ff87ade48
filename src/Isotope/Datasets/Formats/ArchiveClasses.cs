using Isotope.Files;

namespace Isotope.Datasets.Formats;

/// <summary>Finds the classes of images in archives that have no labels beside them: folders, or archives.</summary>
internal static class ArchiveClasses
{
    /// <summary>The images of the split, each with a label.</summary>
    /// <exception cref="IsotopeException">Images have no class.</exception>
    public static ArchiveSample[] Of(DatasetFiles found, ArchiveSample[] samples)
    {
        var unlabelled = samples.FirstOrDefault(sample => sample.Label is null);
        if (unlabelled is null)
            return OfSplit(found, samples);
        if (samples.Any(sample => sample.Label is not null))
            throw new IsotopeException(
                $"{found.Root}: expected a label for {Printable.Start(unlabelled.Image.Name)} too, in a member .cls or as label in .json, "
                    + "found none"
            );
        if (samples.All(sample => sample.Image.Name.Contains('/')))
            return ByFolder(found, samples);
        if (AreClasses(samples))
            return [.. samples.Select(sample => sample with { Label = sample.Archive })];
        throw new IsotopeException(
            $"{found.Root}: expected a class for each image, in a member .cls, as label in .json (or --label-column) or as its folder, "
                + $"found none of {Printable.Start(unlabelled.Image.Name)}; an image without a class has no carrier, so add labels"
        );
    }

    /// <summary>Images with labels whose archive or folder has the name of the split that is asked for.</summary>
    private static ArchiveSample[] OfSplit(DatasetFiles found, ArchiveSample[] samples)
    {
        if (found.Options.Split is not { } split)
            return samples;
        ArchiveSample[] kept = [.. samples.Where(sample => Splits.Has($"{sample.Archive}/{Folder(sample)}", split))];
        return kept.Length > 0 ? kept : throw Splits.Missing(found.Root, split, samples.Select(Folder).Distinct(StringComparer.Ordinal));

        static string Folder(ArchiveSample sample) => sample.Image.Name[..Math.Max(0, sample.Image.Name.LastIndexOf('/'))];
    }

    /// <summary>The first folders that differ are classes, unless they are splits: then those below.</summary>
    private static ArchiveSample[] ByFolder(DatasetFiles found, ArchiveSample[] samples)
    {
        var split = found.Options.Split;
        var paths = samples.Select(sample => (Sample: sample, Folders: sample.Image.Name.Split('/')[..^1])).ToArray();
        var level = 0;
        while (paths.All(path => path.Folders.Length > level + 1))
        {
            string[] names = [.. paths.Select(path => path.Folders[level]).Distinct(StringComparer.Ordinal)];
            if (names.All(Splits.IsName) && (names.Length > 1 || split is not null))
            {
                paths = [.. paths.Where(path => Splits.Has(path.Folders[level], split ?? "train"))];
                if (paths.Length == 0)
                    throw Splits.Missing(found.Root, split ?? "train", names);
                split = null;
            }
            else if (names.Length > 1)
                break;
            level++;
        }

        if (split is not null && !samples.All(sample => Splits.Has(sample.Archive, split)))
            throw Splits.Missing(found.Root, split, paths.Select(path => path.Folders[level]).Distinct(StringComparer.Ordinal));
        return paths.FirstOrDefault(path => path.Folders.Length <= level) is { Sample: { } outside }
            ? throw new IsotopeException(
                $"{found.Root}: expected every image in the folder of its class, found {Printable.Start(outside.Image.Name)}"
            )
            : [.. paths.Select(path => path.Sample with { Label = path.Folders[level] })];
    }

    /// <summary>
    /// Whether archives are classes: several, with images alone, whose own names are in the names of their images or differ in more than
    /// numbers. Numbered archives of other images are shards.
    /// </summary>
    private static bool AreClasses(ArchiveSample[] samples)
    {
        var archives = samples.Select(sample => sample.Archive).Distinct(StringComparer.Ordinal).ToArray();
        if (archives.Length < 2 || samples.Any(sample => sample.HasTexts))
            return false;
        var differ = archives.DistinctBy(name => string.Concat(name.Where(c => !char.IsDigit(c)))).Count() == archives.Length;
        return differ || samples.All(sample => sample.Image.Name.StartsWith(sample.Archive, StringComparison.Ordinal));
    }
}
