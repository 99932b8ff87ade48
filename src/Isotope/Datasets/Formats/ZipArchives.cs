namespace Isotope.Datasets.Formats;

/// <summary>An image in a zip archive.</summary>
internal sealed record ZipSource(ZipFile Zip, ZipMember Member) : ImageSource
{
    /// <inheritdoc/>
    public override string Name => $"{Zip.Path}: {Member.Name}";

    internal override string File => Zip.Path;

    /// <inheritdoc/>
    public override byte[] Read() => Zip.Content(Member);
}

/// <summary>Zip archives of class folders, or of samples as in WebDataset's shards.</summary>
internal sealed class ZipArchives : ArchiveFormat
{
    /// <inheritdoc/>
    protected override string Kind => "zip archives";

    /// <inheritdoc/>
    protected override bool Recognises(string file, ReadOnlySpan<byte> start) =>
        Path.GetExtension(file).Equals(".zip", StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    protected override IEnumerable<ArchiveMember> Members(string file)
    {
        var zip = ZipFile.Open(file);
        foreach (var member in zip.Members.Where(member => !member.Name.EndsWith('/')))
            yield return new ArchiveMember(Checked(file, member.Name, member.Length), new ZipSource(zip, member), member.Length);
    }

    /// <inheritdoc/>
    public override void Rewrite(string file, IReadOnlyList<Replacement> replacements, Stream output) =>
        ZipWriting.Write(
            ((ZipSource)replacements[0].Source).Zip,
            replacements.ToDictionary(image => ((ZipSource)image.Source).Member, image => (image.Read, image.Extension)),
            output
        );
}
