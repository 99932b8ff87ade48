namespace Isotope.Datasets.Formats;

/// <summary>An image in a tar archive.</summary>
internal sealed record MemberSource(string Member, StoredBytes Archive, long Offset, int Length) : ImageSource
{
    /// <inheritdoc/>
    public override string Name => $"{Archive.Path}: {Member}";

    internal override string File => Archive.Path;

    /// <inheritdoc/>
    public override byte[] Read() => Archive.Read(Offset, Length);
}

/// <summary>
/// Tar archives, plain or compressed by gzip: WebDataset's shards, class folders, ImageNet's archive for each class, or its archive of
/// these. An image <c>a.jpg</c> in the archive <c>n01.tar</c> of an archive is called <c>n01/a.jpg</c>, as if that were unpacked.
/// </summary>
internal sealed class TarShards : ArchiveFormat
{
    private const int MagicStart = 257;

    /// <inheritdoc/>
    protected override string Kind => "tar archives";

    /// <inheritdoc/>
    protected override bool Recognises(string file, ReadOnlySpan<byte> start) =>
        (start.Length > MagicStart && start[MagicStart..].StartsWith("ustar"u8))
        || HasExtension(file, ".tar")
        || (StoredBytes.IsGzip(start) && (HasExtension(file, ".tgz") || HasExtension(file, ".tar.gz")));

    /// <inheritdoc/>
    protected override IEnumerable<ArchiveMember> Members(string file)
    {
        var bytes = new StoredBytes(file);
        foreach (var part in TarArchive.Parts(bytes, 0, bytes.Length).Where(part => part.IsFile))
            if (part.IsArchive)
                foreach (var inner in Inner(bytes, part))
                    yield return Member(bytes, inner, $"{ArchiveFormat.StemOf(part.Name)}/");
            else
                yield return Member(bytes, part, "");
    }

    /// <inheritdoc/>
    public override void Rewrite(string file, IReadOnlyList<Replacement> replacements, Stream output)
    {
        var bytes = ((MemberSource)replacements[0].Source).Archive;
        var writing = new TarWriting(bytes, replacements.ToDictionary(image => ((MemberSource)image.Source).Offset));
        bytes.Pack(output, writing.Write);
    }

    private static IEnumerable<TarPart> Inner(StoredBytes bytes, TarPart part) =>
        TarArchive.Parts(bytes, part.Entry.DataOffset, part.Entry.DataOffset + part.Entry.Length).Where(inner => inner.IsFile);

    private static ArchiveMember Member(StoredBytes bytes, TarPart part, string folder)
    {
        var (length, offset) = (part.Entry.Length, part.Entry.DataOffset);
        var name = Checked(bytes.Path, folder + part.Name, length);
        return new ArchiveMember(name, new MemberSource(name, bytes, offset, (int)Math.Min(length, int.MaxValue)), length);
    }

    private static bool HasExtension(string file, string extension) => file.EndsWith(extension, StringComparison.OrdinalIgnoreCase);
}
