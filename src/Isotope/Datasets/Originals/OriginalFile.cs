namespace Isotope.Datasets.Originals;

/// <summary>
/// The file of a vanilla image, taken apart so that it can be written again with marked pixels. All else stays: format, size and kind of
/// pixels, metadata and colour profiles, the way it is compressed, and the order of its parts.
/// </summary>
internal abstract class OriginalFile
{
    /// <summary>What could not stay as it was, in a few words; null if all could.</summary>
    public string? Changed { get; protected set; }

    /// <summary>Takes a file apart; <paramref name="name"/> is used only in errors.</summary>
    /// <exception cref="IsotopeException">It is no image that can be written again.</exception>
    public static OriginalFile Read(string name, byte[] file)
    {
        if (IsJpeg(file))
            throw new InvalidOperationException("a JPEG is marked through its coefficients");
        if (file.AsSpan().StartsWith(PngFile.Signature))
            return PngFile.Read(name, file);
        if (WebPFile.Recognises(file))
            return new WebPFile(name, file);
        if (file.AsSpan().StartsWith("BM"u8))
            return new BmpFile(file);
        return new OriginalArray();
    }

    /// <summary>Whether a file is a JPEG, of which only coefficients can change.</summary>
    public static bool IsJpeg(ReadOnlySpan<byte> file) => file.StartsWith((ReadOnlySpan<byte>)[0xff, 0xd8]);

    /// <summary>The file with marked pixels.</summary>
    /// <exception cref="IsotopeException">The format can't hold them.</exception>
    public abstract byte[] With(string name, PixelImage marked);

    /// <summary>The file with marked pixels, and the pixels that its readers see.</summary>
    /// <exception cref="IsotopeException">The format can't hold them.</exception>
    public EncodedImage Encode(string name, PixelImage marked)
    {
        var bytes = With(name, marked);
        return new EncodedImage(bytes, ImageCodec.Decode(name, bytes)) { Changed = Changed };
    }

    private sealed class OriginalArray : OriginalFile
    {
        public override byte[] With(string name, PixelImage marked) => NpyFile.Encode(marked);
    }
}
