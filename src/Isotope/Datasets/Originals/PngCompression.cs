using System.IO.Compression;

namespace Isotope.Datasets.Originals;

/// <summary>
/// How a PNG's rows were compressed, as far as it shows: the level that its header claims, the strategy that comes nearest to its size, and
/// the length of its chunks.
/// </summary>
internal sealed record PngCompression(int Level, ZLibCompressionStrategy Strategy, byte[] Header, int Chunk)
{
    private const int HeaderLength = 2;
    private const int LargestWindow = 0x78;
    private static readonly int[][] Levels =
    [
        [1],
        [3, 5],
        [6],
        [7, 9],
    ];

    /// <summary>The compression that comes nearest to a stream.</summary>
    /// <param name="stream">The compressed rows.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="chunk">The most bytes in a chunk.</param>
    public static PngCompression Like(byte[] stream, byte[] rows, int chunk)
    {
        var header = stream[..HeaderLength];
        int[] levels = stream.Length > rows.Length ? [0] : Levels[header[1] >> 6];
        var candidates =
            from level in levels
            from strategy in (ZLibCompressionStrategy[])[ZLibCompressionStrategy.Default, ZLibCompressionStrategy.Filtered]
            select new PngCompression(level, strategy, header, chunk);
        return candidates.MinBy(candidate => Math.Abs(candidate.Deflate(rows).LongLength - stream.LongLength))!;
    }

    /// <summary>Compresses rows into the data of chunks.</summary>
    public IEnumerable<byte[]> Compress(byte[] rows)
    {
        var stream = Deflate(rows);
        var window = 1 << ((Header[0] >> 4) + 8);
        if (Header[0] == LargestWindow || rows.Length <= window)
            Header.CopyTo(stream, 0);
        return stream.Chunk(Chunk);
    }

    private byte[] Deflate(byte[] rows)
    {
        using var output = new MemoryStream();
        var options = new ZLibCompressionOptions { CompressionLevel = Level, CompressionStrategy = Strategy };
        using (var packed = new ZLibStream(output, options, leaveOpen: true))
            packed.Write(rows);
        return output.ToArray();
    }
}
