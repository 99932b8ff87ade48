using System.Buffers.Binary;
using System.Formats.Tar;
using System.Text.Json;
using System.Text.Json.Nodes;
using Isotope.Files;

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
/// WebDataset's tar shards. The members of a sample share their name up to its first dot: an image, and its label in <c>.cls</c> or as
/// <c>label</c> in <c>.json</c>. Without such a label, the first folder of the image's path is its class. Ids are the members' names, with
/// the shard's name before them if names repeat.
/// </summary>
internal sealed class TarShards : ContainerFormat
{
    private const int MaxLabel = 1 << 20;
    private const int MaxMetadata = 1 << 20;
    private const int TarBlock = 512;
    private const int SizeStart = 124;
    private const int SizeLength = 12;
    private const int ChecksumStart = 148;
    private const int ChecksumLength = 8;
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
        var areUnique = samples.DistinctBy(sample => sample.Image.Member).Count() == samples.Length;
        return Make(root, names, [.. samples.Zip(labels, (sample, label) => Labelled(sample.Image, label))], files);

        LabelledImage Labelled(MemberSource image, int label)
        {
            var shard = Path.GetFileNameWithoutExtension(image.Archive.Path);
            return new LabelledImage(areUnique ? image.Member : $"{shard}/{image.Member}", image, label);
        }
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
                if (replacement.Extension is null && !HasOwnSize(entry))
                    WriteInPlace(source, entry, replacement.Read(), output);
                else
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

    private static List<(MemberSource Image, string Label)> List(string file)
    {
        var archive = new StoredBytes(file);
        var images = new List<MemberSource>();
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (entry, _) in Entries(file))
        {
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile))
                continue;
            if (DatasetPath.SafeId(entry.Name) is not { } name)
                throw new IsotopeException($"{file}: expected names of members below the archive, found '{Printable.Start(entry.Name)}'");
            var (data, length) = (entry.DataOffset, entry.Length);
            var field = name[KeyOf(name).Length..].ToLowerInvariant();
            var isImage = ImageCodec.Extensions.Contains(field);
            if (length > archive.Length - data || (isImage && length > ImageCodec.MaxFileSize))
                throw new IsotopeException(
                    $"{file}: expected {name} inside the archive and of at most {ImageCodec.MaxFileSize >> 20} MB, found {length} bytes "
                        + $"at {data} of {archive.Length}"
                );
            if (isImage)
                images.Add(new MemberSource(name, archive, data, (int)length));
            else if (field is ".cls" or ".json" && length <= MaxLabel && LabelOf(archive.Read(data, (int)length), field) is { } label)
                labels[KeyOf(name)] = label;
        }

        return [.. images.Select(image => (image, labels.GetValueOrDefault(KeyOf(image.Member)) ?? FolderOf(file, image.Member)))];
    }

    /// <summary>The first folder of a member's path, which is the class of an image without a label.</summary>
    private static string FolderOf(string file, string member) =>
        member.Split('/') is { Length: > 1 } parts
            ? parts[0]
            : throw new IsotopeException(
                $"{file}: expected a label for {member} in {KeyOf(member)}.cls or {KeyOf(member)}.json, found none"
            );

    /// <summary>A member's name up to the first dot after its folders: the name of its sample.</summary>
    private static string KeyOf(string name)
    {
        var dot = name.IndexOf('.', name.LastIndexOf('/') + 1);
        return dot >= 0 ? name[..dot] : name;
    }

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

    /// <summary>The entries of an archive, each with the position at which its headers and data end and the next one begins.</summary>
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
    /// Refuses large names and attributes before the next entry: TarReader allocates as much memory for them as their headers claim.
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

    /// <summary>The size in a header: octal digits or, if the highest bit of the first byte is set, a binary number.</summary>
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

    private static bool HasOwnSize(TarEntry entry) => entry is PaxTarEntry pax && pax.ExtendedAttributes.ContainsKey("size");

    /// <summary>Writes a member's headers as they are, but for its size, and its new data.</summary>
    private static void WriteInPlace(FileStream source, TarEntry entry, byte[] data, Stream output)
    {
        var headers = new byte[entry.DataOffset - source.Position];
        source.ReadExactly(headers);
        var header = headers.AsSpan(headers.Length - TarBlock);
        Octal(data.Length, header.Slice(SizeStart, SizeLength - 1));
        header[SizeStart + SizeLength - 1] = header[SizeStart + SizeLength - 1] is (byte)' ' ? (byte)' ' : (byte)0;
        header.Slice(ChecksumStart, ChecksumLength).Fill((byte)' ');
        var sum = 0;
        foreach (var value in header)
            sum += value;
        Octal(sum, header.Slice(ChecksumStart, ChecksumLength - 2));
        header[ChecksumStart + ChecksumLength - 2] = 0;
        output.Write(headers);
        output.Write(data);
        output.Write(new byte[(TarBlock - data.Length % TarBlock) % TarBlock]);
    }

    private static void Octal(int value, Span<byte> field)
    {
        for (var i = field.Length - 1; i >= 0; i--, value /= 8)
            field[i] = (byte)('0' + value % 8);
    }

    /// <summary>Writes a new image in GNU's format, in which nothing depends on this process, with the new image's extension.</summary>
    private static void Write(TarEntry entry, Replacement replacement, Stream output)
    {
        using var image = new MemoryStream(replacement.Read());
        using var member = new MemoryStream();
        using var writer = new TarWriter(member, TarEntryFormat.Gnu);
        writer.WriteEntry(
            new GnuTarEntry(
                TarEntryType.RegularFile,
                replacement.Extension is { } extension ? Dataset.Stem(entry.Name) + extension : entry.Name
            )
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
