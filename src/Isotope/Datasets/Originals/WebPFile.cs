using System.Buffers.Binary;
using System.Text;
using Isotope.Files;

namespace Isotope.Datasets.Originals;

/// <summary>
/// A WebP whose image is replaced; metadata and profiles stay. There is no way to change a lossy one without compressing it again, which
/// would cost more quality than a mark may, so that it becomes lossless.
/// </summary>
internal sealed class WebPFile : OriginalFile
{
    private const int Start = 12;
    private const int ChunkHeader = 8;
    private static readonly ImageEncoding Lossless = new(ImageFormat.WebP);
    private readonly List<(string Kind, byte[] Data)> chunks;
    private readonly byte[] trailing;
    private readonly PixelImage vanilla;

    /// <exception cref="IsotopeException">It is damaged, or animated.</exception>
    public WebPFile(string name, ReadOnlySpan<byte> file)
    {
        (chunks, trailing) = Read(file) ?? throw UntrustedFile.Refused(name, "a whole WebP", "a damaged one");
        vanilla = ImageCodec.Decode(name, file);
        if (chunks.Any(chunk => chunk.Kind is "ANIM" or "ANMF"))
            throw UntrustedFile.Refused(name, "a WebP of one image", "an animated one; convert it first, or mark with --format png");
    }

    /// <summary>Whether a file begins as a WebP does.</summary>
    public static bool Recognises(ReadOnlySpan<byte> file) =>
        file.StartsWith("RIFF"u8) && file.Length > Start && file[8..].StartsWith("WEBP"u8);

    /// <inheritdoc/>
    public override byte[] With(string name, PixelImage marked)
    {
        List<string> notes = [];
        if (chunks.Any(chunk => chunk.Kind == "C2PA"))
            notes.Add(ImageMetadata.CredentialsDropped);
        if (chunks.Any(chunk => chunk.Kind == "VP8 "))
            notes.Add("lossy WebP became lossless");
        Changed = notes.Count > 0 ? string.Join(", ", notes) : null;
        var encoded = ImageCodec.Encode(name, marked with { Pixels = WithoutUnseen(marked) }, Lossless);
        var image = Read(encoded)!.Value.Chunks.Single(chunk => chunk.Kind == "VP8L");
        var written = chunks
            .Where(chunk => chunk.Kind is not ("ALPH" or "C2PA"))
            .Select(chunk => chunk.Kind is "VP8 " or "VP8L" ? image : chunk)
            .ToList();
        return [.. Write(written), .. trailing];
    }

    /// <summary>Marked pixels, but for those that are wholly transparent: these keep their colour, usually black.</summary>
    private byte[] WithoutUnseen(PixelImage marked)
    {
        if (marked.Alpha is not { } alpha)
            return marked.Pixels;
        var pixels = marked.Pixels.ToArray();
        for (var i = 0; i < pixels.Length; i++)
            if (alpha[i / marked.Channels] == 0)
                pixels[i] = vanilla.Pixels[i];
        return pixels;
    }

    /// <summary>The chunks of a WebP and what follows it; null if it is damaged.</summary>
    public static (List<(string Kind, byte[] Data)> Chunks, byte[] Trailing)? Read(ReadOnlySpan<byte> file)
    {
        if (!Recognises(file))
            return null;
        var chunks = new List<(string, byte[])>();
        var position = Start;
        var end = Math.Min(file.Length, BinaryPrimitives.ReadUInt32LittleEndian(file[4..]) + (long)ChunkHeader);
        while (position + ChunkHeader <= end)
        {
            long length = BinaryPrimitives.ReadUInt32LittleEndian(file[(position + 4)..]);
            if (length > end - position - ChunkHeader)
                return null;
            var data = file.Slice(position + ChunkHeader, (int)length).ToArray();
            chunks.Add((Encoding.Latin1.GetString(file.Slice(position, 4)), data));
            position += ChunkHeader + (int)(length + length % 2);
        }

        return (chunks, file[Math.Min(position, file.Length)..].ToArray());
    }

    /// <summary>A WebP of chunks.</summary>
    public static byte[] Write(List<(string Kind, byte[] Data)> chunks)
    {
        using var output = new MemoryStream();
        output.Write("RIFF\0\0\0\0WEBP"u8);
        Span<byte> length = stackalloc byte[4];
        foreach (var (kind, data) in chunks)
        {
            output.Write(Encoding.Latin1.GetBytes(kind));
            BinaryPrimitives.WriteInt32LittleEndian(length, data.Length);
            output.Write(length);
            output.Write(data);
            if (data.Length % 2 == 1)
                output.WriteByte(0);
        }

        var file = output.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - ChunkHeader);
        return file;
    }
}
