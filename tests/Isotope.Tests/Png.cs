using System.Buffers.Binary;
using System.IO.Hashing;

namespace Isotope.Tests;

/// <summary>PNG files and their chunks: length, kind, content, checksum.</summary>
internal static class Png
{
    private const int SignatureSize = 8;
    private const int ChunkSize = 12;

    /// <summary>Where each chunk begins and the length of its content, as far as chunks can be told.</summary>
    public static IEnumerable<(int Start, int Length)> Chunks(byte[] png)
    {
        for (var at = SignatureSize; at + ChunkSize <= png.Length; )
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at));
            if (length > png.Length - ChunkSize - at)
                yield break;
            yield return (at, (int)length);
            at += ChunkSize + (int)length;
        }
    }

    /// <summary>Gives every chunk the checksum of what it holds now.</summary>
    public static void Seal(byte[] png)
    {
        foreach (var (start, length) in Chunks(png))
            BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(start + 8 + length), Crc32.HashToUInt32(png.AsSpan(start + 4, 4 + length)));
    }
}
