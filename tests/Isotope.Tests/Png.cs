using System.Buffers.Binary;
using System.IO.Hashing;

namespace Isotope.Tests;

/// <summary>PNG files that were changed on purpose.</summary>
internal static class Png
{
    private const int SignatureSize = 8;
    private const int ChunkSize = 12;

    /// <summary>Gives every chunk the checksum of what it holds now, as far as chunks can be told.</summary>
    public static void Seal(byte[] png)
    {
        for (long at = SignatureSize; at + ChunkSize <= png.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan((int)at));
            if (at + ChunkSize + length > png.Length) return;
            BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan((int)(at + 8 + length)), Crc32.HashToUInt32(png.AsSpan((int)at + 4, 4 + (int)length)));
            at += ChunkSize + length;
        }
    }
}
