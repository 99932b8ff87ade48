using System.Buffers.Binary;

namespace Isotope.Datasets.Originals;

/// <summary>A BMP that is written again with other pixels: of 24 or 32 bits as it was, otherwise of 24.</summary>
internal sealed class BmpFile(byte[] file) : OriginalFile
{
    private const int HeaderLength = 54;

    /// <inheritdoc/>
    public override byte[] With(string name, PixelImage marked)
    {
        var info = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(14));
        var bits = info >= 40 ? BinaryPrimitives.ReadInt16LittleEndian(file.AsSpan(28)) : 0;
        var compression = info >= 40 ? BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(30)) : -1;
        var start = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(10));
        var stays =
            bits is 24 or 32
            && compression == 0
            && start >= HeaderLength
            && start + RowOf(marked.Width, bits) * marked.Height <= file.Length;
        Changed = stays ? null : "another kind of BMP became one of 24 bits";
        return stays
            ? Fill(file.ToArray(), marked, start, bits / 8, BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(22)) < 0)
            : Fill(New(marked), marked, HeaderLength, 3, isTopDown: false);
    }

    private static byte[] Fill(byte[] bmp, PixelImage image, int start, int bytes, bool isTopDown)
    {
        for (var y = 0; y < image.Height; y++)
        {
            var row = start + RowOf(image.Width, 8 * bytes) * (isTopDown ? y : image.Height - 1 - y);
            for (var x = 0; x < image.Width; x++)
            for (var c = 0; c < 3; c++)
                bmp[row + x * bytes + 2 - c] = image.Pixels[(y * image.Width + x) * image.Channels + c % image.Channels];
        }

        return bmp;
    }

    private static byte[] New(PixelImage image)
    {
        var bmp = new byte[HeaderLength + RowOf(image.Width, 24) * image.Height];
        "BM"u8.CopyTo(bmp);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(2), bmp.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(10), HeaderLength);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(18), image.Width);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(22), image.Height);
        (bmp[26], bmp[28]) = (1, 24);
        return bmp;
    }

    /// <summary>The bytes of a row, a multiple of four.</summary>
    private static int RowOf(int width, int bits) => (width * bits + 31) / 32 * 4;
}
