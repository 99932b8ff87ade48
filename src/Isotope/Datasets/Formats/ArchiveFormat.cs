using Isotope.Files;

namespace Isotope.Datasets.Formats;

/// <summary>A file in an archive.</summary>
/// <param name="Name">Its path in the archive: an id.</param>
/// <param name="Source">Its bytes.</param>
/// <param name="Length">How many bytes it has.</param>
internal sealed record ArchiveMember(string Name, ImageSource Source, long Length)
{
    /// <summary>Whether its name ends as that of an image.</summary>
    public bool IsImage => ImageFolder.IsImage(Name);
}

/// <summary>
/// Archives of encoded images. In WebDataset's samples, members that share their name up to a dot, a label lies beside its image. Without
/// any such label folders are classes; without folders too, archives are, if they are named as ImageNet's are. Ids are the members' names,
/// with the archive's name before them if names repeat.
/// </summary>
internal abstract class ArchiveFormat : ContainerFormat
{
    /// <inheritdoc/>
    protected override bool HasSplits => true;

    /// <summary>What such an archive is called.</summary>
    protected abstract string Kind { get; }

    /// <summary>Lists the files in an archive.</summary>
    /// <exception cref="IsotopeException">The archive is damaged, or has unsafe names.</exception>
    protected abstract IEnumerable<ArchiveMember> Members(string file);

    /// <inheritdoc/>
    protected override Dataset Open(DatasetFiles found)
    {
        var samples = found
            .Files.SelectMany(file => ArchiveSamples.Of(file, [.. Members(file).Where(IsNoLitter)], found.Options))
            .ToArray();
        if (samples.Length == 0)
            throw new IsotopeException(
                $"{found.Root}: expected images ({string.Join(' ', ImageCodec.Extensions)}) in {Kind}, found none; if they hold other "
                    + "files of a dataset, unpack them first"
            );
        var kept = ArchiveClasses.Of(found, samples);
        var (names, labels) = ClassLabels.Of(found.Root, [.. kept.Select(sample => sample.Label!)]);
        var areUnique = kept.DistinctBy(sample => sample.Image.Name).Count() == kept.Length;
        var images = kept.Zip(labels, (sample, label) => new LabelledImage(IdOf(sample), sample.Image.Source, label));
        return Make(found.Root, names, [.. images], found.Files) with { Form = Kind, LeftOut = LeftOut(samples.Length - kept.Length) };

        string IdOf(ArchiveSample sample) => areUnique ? sample.Image.Name : $"{sample.Archive}/{sample.Image.Name}";
    }

    private static bool IsNoLitter(ArchiveMember member) => !member.Name.Split('/').Any(part => DatasetPath.IsLitter(part));

    private static string[] LeftOut(int others) => others == 0 ? [] : [FormattableString.Invariant($"{others} images of other splits")];

    /// <summary>Checks a member's name and length, as every archive may claim anything.</summary>
    /// <exception cref="IsotopeException">The name leads elsewhere, or the image is too large.</exception>
    protected static string Checked(string file, string name, long length)
    {
        if (DatasetPath.SafeId(name) is not { } id)
            throw new IsotopeException($"{file}: expected names of members below the archive, found '{Printable.Start(name)}'");
        if (ImageFolder.IsImage(id) && length > ImageCodec.MaxFileSize)
            throw new IsotopeException(
                $"{file}: expected {Printable.Start(id)} of at most {ImageCodec.MaxFileSize >> 20} MB, found {length} bytes"
            );
        return id;
    }

    /// <summary>The name of an archive without its extensions.</summary>
    public static string StemOf(string file)
    {
        var stem = Path.GetFileNameWithoutExtension(file);
        return stem.EndsWith(".tar", StringComparison.OrdinalIgnoreCase) ? stem[..^4] : stem;
    }
}
