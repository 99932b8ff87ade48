using System.Buffers.Binary;
using System.Formats.Tar;
using System.Text.Json;
using System.Text.Json.Nodes;
using Isotope.Files;

namespace Isotope.Datasets.Formats;

/// <summary>An image that is a member of an archive.</summary>
internal sealed record MemberSource(string Member, StoredBytes Archive, long Offset, int Length) : ImageSource
{
    /// <inheritdoc/>
    public override string Name => $"{Archive.Path}: {Member}";

    internal override string File => Archive.Path;

    /// <inheritdoc/>
    public override byte[] Read() => Archive.Read(Offset, Length);
}

/// <summary>
/// Tar shards as WebDataset has them: the members of a sample have one name up to its first dot; an image, and its label in <c>.cls</c> or
/// as <c>label</c> in <c>.json</c>. Without such labels the first folder of the image's path is its class. Ids are the members' names, with
/// the shard's before them where names repeat.
/// </summary>
internal sealed class TarShards : ContainerFormat
{
    private const int MaxLabel = 1 << 20;
    private const int MaxMetadata = 1 << 20;
    private const int TarBlock = 512;
    private const int SizeStart = 124;
    private const int SizeLength = 12;
    private const int KindStart = 156;
    private const int MagicStart = 257;

    /// <inheritdoc/>
    protected override bool Recognises(string file, ReadOnlySpan<byte> start) =>
        (start.Length > MagicStart && start[MagicStart..].StartsWith("ustar"u8)) || Path.GetExtension(file) == ".tar";

    /// <inheritdoc/>
    protected override Dataset Open(string root, IReadOnlyList<string> files)
    {
        var samples = files.SelectMany(List).ToArray();
        if (samples.Length == 0)
            throw new IsotopeException($"{root}: expected images ({string.Join(' ', ImageCodec.Extensions)}) in tar shards, found none");
        var (names, labels) = ClassLabels.Of(root, [.. samples.Select(sample => sample.Label)]);
        var repeats = samples.DistinctBy(sample => sample.Image.Member).Count() < samples.Length;
        return Make(
            root,
            names,
            [.. samples.Zip(labels, (sample, label) => new LabelledImage(IdOf(sample.Image, repeats), sample.Image, label))],
            files
        );
    }

    /// <inheritdoc/>
    public override void Rewrite(string file, IReadOnlyList<Replacement> replacements, Stream output)
    {
        var marked = replacements.ToDictionary(image => ((MemberSource)image.Source).Offset);
        using var source = File.OpenRead(file);
        foreach (var (entry, end) in Entries(file))
        {
            if (marked.TryGetValue(entry.DataOffset, out var replacement))
            {
                Write(entry, replacement, output);
                source.Position = end;
            }
            else
            {
                StoredBytes.Copy(source, output, end - source.Position);
            }
        }

        source.CopyTo(output);
    }

    private static string IdOf(MemberSource image, bool repeats) =>
        repeats ? $"{Path.GetFileNameWithoutExtension(image.Archive.Path)}/{image.Member}" : image.Member;

    private static List<(MemberSource Image, string Label)> List(string file)
    {
        var (archive, images, labels) = (
            new StoredBytes(file),
            new List<MemberSource>(),
            new Dictionary<string, string>(StringComparer.Ordinal)
        );
        foreach (var (entry, _) in Entries(file))
        {
            var data = entry.DataOffset;
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile))
                continue;
            var name =
                DatasetPath.SafeId(entry.Name)
                ?? throw new IsotopeException(
                    $"{file}: expected names of members below the archive, found '{Printable.Start(entry.Name)}'"
                );
            var field = name[KeyOf(name).Length..].ToLowerInvariant();
            if (
                entry.Length > (ImageCodec.Extensions.Contains(field) ? ImageCodec.MaxFileSize : archive.Length)
                || data + entry.Length > archive.Length
            )
                throw new IsotopeException(
                    $"{file}: expected {name} inside the archive and of at most {ImageCodec.MaxFileSize >> 20} MB, found {entry.Length} "
                        + $"bytes at {data} of {archive.Length}"
                );
            if (ImageCodec.Extensions.Contains(field))
                images.Add(new MemberSource(name, archive, data, (int)entry.Length));
            else if (
                field is ".cls" or ".json"
                && entry.Length <= MaxLabel
                && LabelOf(archive.Read(data, (int)entry.Length), field) is { } label
            )
                labels[KeyOf(name)] = label;
        }

        return [.. images.Select(image => (image, labels.GetValueOrDefault(KeyOf(image.Member)) ?? FolderOf(file, image.Member)))];
    }

    private static string FolderOf(string file, string member) =>
        member.Split('/') is { Length: > 1 } parts
            ? parts[0]
            : throw new IsotopeException(
                $"{file}: expected a label for {member} in {KeyOf(member)}.cls or {KeyOf(member)}.json, found none"
            );

    /// <summary>The name up to the first dot of its last part.</summary>
    private static string KeyOf(string name) => name.IndexOf('.', name.LastIndexOf('/') + 1) is >= 0 and var dot ? name[..dot] : name;

    private static string? LabelOf(byte[] bytes, string field)
    {
        if (field == ".cls")
            return System.Text.Encoding.UTF8.GetString(bytes).Trim();
        try
        {
            return JsonNode.Parse(bytes) is JsonObject sample && sample["label"] is JsonValue label ? label.ToString() : null;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Entries and where the next one begins; between the two are headers and data of this one.</summary>
    private static IEnumerable<(TarEntry Entry, long End)> Entries(string file)
    {
        using var stream = File.OpenRead(file);
        using var reader = new TarReader(stream);
        while (Next() is { } entry)
            yield return (entry, stream.Position);

        TarEntry? Next()
        {
            try
            {
                RequireSmallMetadata(stream);
                return reader.GetNextEntry();
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                throw new IsotopeException($"{file}: expected a whole tar archive, found: {Printable.Start(e.Message, 200)}", e);
            }
        }
    }

    /// <summary>
    /// Long names and attributes stand before an entry; TarReader takes as much memory for them as their headers claim, which may be
    /// anything.
    /// </summary>
    /// <exception cref="InvalidDataException">They claim more than a megabyte.</exception>
    private static void RequireSmallMetadata(FileStream archive)
    {
        var start = archive.Position;
        Span<byte> header = stackalloc byte[TarBlock];
        while (archive.ReadAtLeast(header, TarBlock, throwOnEndOfStream: false) == TarBlock && "xgLK".Contains((char)header[KindStart]))
        {
            var size = ClaimedSize(header.Slice(SizeStart, SizeLength));
            if (size is < 0 or > MaxMetadata)
                throw new InvalidDataException(
                    $"names and attributes of an entry that claim {size} bytes, at {archive.Position - TarBlock}; at most {MaxMetadata} "
                        + "are read"
                );
            archive.Position += (size + TarBlock - 1) / TarBlock * TarBlock;
        }

        archive.Position = start;
    }

    /// <summary>Octal digits, or, after a byte of which the highest bit is set, a binary number.</summary>
    private static long ClaimedSize(ReadOnlySpan<byte> field)
    {
        if (field[0] >= 0x80)
            return BinaryPrimitives.ReadInt64BigEndian(field[^sizeof(long)..]);
        var size = 0L;
        foreach (var digit in field)
            if (digit is >= (byte)'0' and <= (byte)'7')
                size = 8 * size + digit - '0';
        return size;
    }

    /// <summary>In GNU's format, of which nothing depends on this process; the extension is that of the new image.</summary>
    private static void Write(TarEntry entry, Replacement replacement, Stream output)
    {
        using var image = new MemoryStream(replacement.Read());
        using var member = new MemoryStream();
        using var writer = new TarWriter(member, TarEntryFormat.Gnu);
        writer.WriteEntry(
            new GnuTarEntry(TarEntryType.RegularFile, Dataset.Stem(entry.Name) + replacement.Extension)
            {
                DataStream = image,
                Mode = entry.Mode,
                Uid = entry.Uid,
                Gid = entry.Gid,
                ModificationTime = entry.ModificationTime,
                AccessTime = default,
                ChangeTime = default,
                UserName = (entry as PosixTarEntry)?.UserName ?? "",
                GroupName = (entry as PosixTarEntry)?.GroupName ?? "",
            }
        );
        member.WriteTo(output); // before the writer closes the archive
    }
}
