using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Isotope.Datasets;
using Isotope.Datasets.Originals;

namespace Isotope.Tests.Datasets;

/// <summary>PNG, WebP and BMP files written again with other pixels: everything else stays.</summary>
public sealed class OriginalFileTests
{
    private const int Width = 21;
    private const int Height = 13;

    [Theory]
    [InlineData(0, false)]
    [InlineData(2, false)]
    [InlineData(4, false)]
    [InlineData(6, false)]
    [InlineData(0, true)]
    [InlineData(2, true)]
    [InlineData(4, true)]
    [InlineData(6, true)]
    public void With_PngOf8Bits_StaysOfItsKind(int colour, bool interlaced)
    {
        var layout = new PngLayout(Width, Height, 8, colour, interlaced);
        var file = MakePng(layout, Text("Copyright", "me"), ("gAMA", [0, 1, 134, 160]), ("eXIf", Exif(6)));
        var vanilla = ImageCodec.Decode("x", file);
        Assert.Equal((Width, Height, colour is 0 or 4 ? 1 : 3), (vanilla.Width, vanilla.Height, vanilla.Channels));
        Assert.Equal(colour is 4 or 6, vanilla.Alpha is not null);
        var original = OriginalFile.Read("x", file);
        Assert.Equal(vanilla.Sha256(), ImageCodec.Decode("x", original.With("x", vanilla)).Sha256());

        var marked = Mark(vanilla);
        var written = original.Encode("x", marked);
        Assert.Equal(marked.Sha256(), written.Pixels.Sha256());
        Assert.Null(written.Changed);
        Assert.Equal(ChunksOf(file), ChunksOf(written.Bytes));
        Assert.Equal(file[..33], written.Bytes[..33]);
    }

    [Fact]
    public void With_OpaquePixelsThatHaveOpacity_KeepIt()
    {
        var file = MakePng(new PngLayout(Width, Height, 8, 6, false), opaque: true);
        var vanilla = ImageCodec.Decode("x", file);
        Assert.Null(vanilla.Alpha);
        Assert.Equal(6, OriginalFile.Read("x", file).With("x", Mark(vanilla))[25]);
    }

    [Fact]
    public void With_TransparentColour_KeepsItForTheSamePixelsAlone()
    {
        var file = MakePng(new PngLayout(Width, Height, 8, 2, false), ("tRNS", [0, 10, 0, 20, 0, 30]));
        var vanilla = ImageCodec.Decode("x", file);
        Assert.Contains((byte)0, vanilla.Alpha!);
        var marked = Mark(vanilla);
        new byte[] { 10, 20, 30 }.CopyTo(marked.Pixels.AsSpan(3 * vanilla.Alpha.AsSpan().IndexOf((byte)255)));
        Assert.Equal(vanilla.Alpha, OriginalFile.Read("x", file).Encode("x", marked).Pixels.Alpha);
    }

    [Fact]
    public void With_Palette_StaysWhereTheColoursFit()
    {
        byte[] greys = [.. Enumerable.Range(0, 768).Select(i => (byte)(i / 3))];
        var file = MakePng(new PngLayout(Width, Height, 8, PngLayout.Indexed, false), ("PLTE", greys), Text("a", "b"));
        var vanilla = ImageCodec.Decode("x", file);
        var few = vanilla with { Pixels = [.. vanilla.Pixels.Select(value => (byte)(value / 4 + 1))] };
        var kept = OriginalFile.Read("x", file).Encode("x", few);
        Assert.Equal((3, (string?)null, few.Sha256()), (kept.Bytes[25], kept.Changed, kept.Pixels.Sha256()));

        var many = vanilla with { Pixels = [.. vanilla.Pixels.Select((_, i) => (byte)(i % 3 == 0 ? i / 3 : i / 768))] };
        var full = OriginalFile.Read("x", file).Encode("x", many);
        Assert.Equal((2, "a palette became full colours", many.Sha256()), (full.Bytes[25], full.Changed, full.Pixels.Sha256()));
        Assert.Contains("tEXt", ChunksOf(full.Bytes));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void With_GreyOfFewBits_BecomesEightAndSaysSo(int depth)
    {
        var file = MakePng(new PngLayout(Width, Height, depth, 0, false));
        var marked = Mark(ImageCodec.Decode("x", file));
        var written = OriginalFile.Read("x", file).Encode("x", marked);
        Assert.Equal((1, marked.Sha256()), (written.Pixels.Channels, written.Pixels.Sha256()));
        Assert.Contains("grey of fewer than 8 bits", written.Changed);
    }

    [Fact]
    public void With_ContentCredentials_LeavesThemOutWithAWord()
    {
        var file = MakePng(new PngLayout(Width, Height, 8, 2, false), ("caBX", [1, 2, 3]));
        var written = OriginalFile.Read("x", file).Encode("x", ImageCodec.Decode("x", file));
        Assert.DoesNotContain("caBX", ChunksOf(written.Bytes));
        Assert.Contains("C2PA", written.Changed);

        var jpeg = ImageCodec.Encode("x", Fixtures.Image(16, 16, 3, 1), ImageEncoding.Jpeg(90));
        byte[] signed = [.. jpeg[..2], .. Segment(0xeb, "JP\0\u0001....jumbc2pa"u8), .. jpeg[2..]];
        var (left, had) = ImageMetadata.WithoutCredentials(signed);
        Assert.True(had);
        Assert.Equal(jpeg, left);
        Assert.False(ImageMetadata.WithoutCredentials(jpeg).Had);
    }

    [Fact]
    public void Strip_Metadata_LeavesPixelsProfileAndOrientation()
    {
        var png = MakePng(new PngLayout(Width, Height, 8, 2, false), Text("Author", "me"), ("iCCP", Profile()), ("eXIf", Exif(6)));
        var stripped = ImageMetadata.Strip(png);
        Assert.Equal(["IHDR", "iCCP", "eXIf", "IDAT", "IEND"], ChunksOf(stripped));
        Assert.Equal(ImageCodec.Decode("x", png).Sha256(), ImageCodec.Decode("x", stripped).Sha256());
        Assert.Equal(stripped, ImageMetadata.Strip(stripped));

        var plain = ImageCodec.Encode("x", Fixtures.Image(16, 16, 3, 1), ImageEncoding.Jpeg(90));
        byte[] exif = [.. "Exif\0\0"u8, .. Exif(6)];
        byte[] jpeg = [.. plain[..2], .. Segment(0xe1, exif), .. Segment(0xed, "Photoshop"u8), .. Segment(0xfe, "me"u8), .. plain[2..]];
        var left = ImageMetadata.Strip(jpeg);
        Assert.Equal(-1, left.AsSpan().IndexOf("Photoshop"u8));
        Assert.True(left.AsSpan().IndexOf("Exif"u8) > 0);
        Assert.True(left.Length < jpeg.Length - 20);
        Assert.Equal(left, ImageMetadata.Strip(left));
        Assert.Equal(plain, ImageMetadata.Strip([.. plain[..2], .. Segment(0xe2, "ICC?"u8), .. Segment(0xfe, "me"u8), .. plain[2..]]));
        byte[] profiled = [.. plain[..2], .. Segment(0xe2, "ICC_PROFILE\0\u0001\u0001"u8), .. plain[2..]];
        Assert.Equal(profiled, ImageMetadata.Strip(profiled));
        Assert.Equal([1, 2, 3], ImageMetadata.Strip([1, 2, 3]));
    }

    [Fact]
    public void With_WebP_KeepsItsOtherChunks()
    {
        var image = Fixtures.Image(Width, Height, 3, 5);
        var simple = ImageCodec.Encode("x", image, new ImageEncoding(ImageFormat.WebP));
        var data = WebPFile.Read(simple)!.Value.Chunks.Single().Data;
        byte[] header = [0x2c, 0, 0, 0, Width - 1, 0, 0, Height - 1, 0, 0];
        var file = WebPFile.Write([("VP8X", header), ("ICCP", [1, 2, 3]), ("VP8L", data), ("EXIF", Exif(6)), ("XMP ", [4])]);
        var marked = Mark(image);
        var written = OriginalFile.Read("x", file).Encode("x", marked);
        Assert.Equal(marked.Sha256(), written.Pixels.Sha256());
        Assert.Null(written.Changed);
        Assert.Equal(Others(file), Others(written.Bytes));
        var stripped = ImageMetadata.Strip(file);
        Assert.Equal(["VP8X", "ICCP", "VP8L", "EXIF"], WebPFile.Read(stripped)!.Value.Chunks.Select(chunk => chunk.Kind));
        Assert.Equal(image.Sha256(), ImageCodec.Decode("x", stripped).Sha256());

        static IEnumerable<string> Others(byte[] webP) =>
            WebPFile
                .Read(webP)!
                .Value.Chunks.Where(chunk => chunk.Kind != "VP8L")
                .Select(chunk => chunk.Kind + Convert.ToHexString(chunk.Data));
    }

    [Theory]
    [InlineData(24, false)]
    [InlineData(24, true)]
    [InlineData(32, false)]
    public void With_Bmp_ChangesPixelsAlone(int bits, bool isTopDown)
    {
        var file = MakeBmp(bits, isTopDown);
        var marked = Mark(ImageCodec.Decode("x", file));
        var written = OriginalFile.Read("x", file).Encode("x", marked);
        Assert.Equal(marked.Pixels, written.Pixels.Pixels);
        Assert.Equal(file.Length, written.Bytes.Length);
        Assert.Equal(file[..54], written.Bytes[..54]);
        Assert.Null(written.Changed);
    }

    private static PixelImage Mark(PixelImage image) =>
        image with
        {
            Pixels = [.. image.Pixels.Select((value, i) => (byte)Math.Clamp(value + i * 5 % 7 - 3, 0, 255))],
        };

    private static (string, byte[]) Text(string key, string value) => ("tEXt", Encoding.Latin1.GetBytes($"{key}\0{value}"));

    /// <summary>EXIF of big-endian numbers: a description, and an orientation.</summary>
    private static byte[] Exif(byte orientation) =>
        [
            .. "MM\0*"u8,
            .. new byte[] { 0, 0, 0, 8, 0, 2 },
            .. new byte[] { 1, 14, 0, 2, 0, 0, 0, 3, (byte)'m', (byte)'e', 0, 0 },
            .. new byte[] { 1, 18, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0 },
            .. new byte[4],
        ];

    private static byte[] Profile() => [.. "any\0\0"u8, .. Deflate([1, 2, 3])];

    private static byte[] Segment(byte marker, ReadOnlySpan<byte> payload) => [0xff, marker, 0, (byte)(payload.Length + 2), .. payload];

    private static IEnumerable<string> ChunksOf(byte[] png) =>
        Png.Chunks(png).Select(chunk => Encoding.Latin1.GetString(png, chunk.Start + 4, 4));

    private static byte[] MakePng(PngLayout layout, params (string Kind, byte[] Data)[] extra) => MakePng(layout, opaque: false, extra);

    private static byte[] MakePng(PngLayout layout, bool opaque, params (string Kind, byte[] Data)[] extra)
    {
        var samples = Fixtures.Image(Width, Height, layout.Channels, 3).Pixels;
        for (var i = 0; i < samples.Length; i++)
            if (layout.Depth < 8)
                samples[i] >>= 8 - layout.Depth;
            else if (opaque && i % 4 == 3)
                samples[i] = 255;
        if (extra.Any(chunk => chunk.Kind == "tRNS"))
            new byte[] { 10, 20, 30 }.CopyTo(samples.AsSpan(30));
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Height);
        header[12] = (byte)(layout.Interlaced ? 1 : 0);
        using var output = new MemoryStream();
        output.Write(PngFile.Signature);
        new PngChunk("IHDR", layout.Header(header)).Write(output);
        foreach (var (kind, data) in extra)
            new PngChunk(kind, data).Write(output);
        new PngChunk("IDAT", Deflate(layout.Filter(samples, null))).Write(output);
        new PngChunk("IEND", []).Write(output);
        return output.ToArray();
    }

    private static byte[] MakeBmp(int bits, bool isTopDown)
    {
        var bmp = new byte[54 + (Width * bits + 31) / 32 * 4 * Height];
        "BM"u8.CopyTo(bmp);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(2), bmp.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(10), 54);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(18), Width);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(22), isTopDown ? -Height : Height);
        (bmp[26], bmp[28]) = (1, (byte)bits);
        for (var i = 54; i < bmp.Length; i++)
            bmp[i] = (byte)(i * 37 % 251);
        return bmp;
    }

    private static byte[] Deflate(byte[] bytes)
    {
        using var output = new MemoryStream();
        using (var packed = new ZLibStream(output, CompressionLevel.Optimal, leaveOpen: true))
            packed.Write(bytes);
        return output.ToArray();
    }
}
