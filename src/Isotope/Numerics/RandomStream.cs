using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Isotope.Numerics;

/// <summary>
/// A reproducible stream of random numbers: HMAC-SHA256 in counter mode under a key and a label. Every image, class and epoch has its own
/// label and hence its own stream, so results do not depend on order, batch size or shard count. The streams of a secret key can't be
/// predicted without it.
/// </summary>
internal sealed class RandomStream
{
    private const int WordsPerBlock = SHA256.HashSizeInBytes / sizeof(ulong);
    private readonly byte[] key;
    private readonly byte[] block = new byte[SHA256.HashSizeInBytes];
    private long blocks;
    private int word = WordsPerBlock;
    private double? spareGaussian;

    /// <summary>The stream of a key with the name <paramref name="label"/>.</summary>
    public RandomStream(ReadOnlySpan<byte> key, string label) => this.key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(label));

    /// <summary>The stream of a public seed with the name <paramref name="label"/>: for experiments, not for secrets.</summary>
    public RandomStream(long seed, string label)
        : this(BitConverter.GetBytes(seed), label) { }

    /// <summary>The next 64 random bits.</summary>
    public ulong NextUInt64()
    {
        if (word == WordsPerBlock)
        {
            HMACSHA256.HashData(key, BitConverter.GetBytes(blocks++), block);
            word = 0;
        }

        return BinaryPrimitives.ReadUInt64LittleEndian(block.AsSpan(sizeof(ulong) * word++));
    }

    /// <summary>Uniform in [0, 1), on a grid of 2⁻⁵³.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [low, high).</summary>
    public double NextDouble(double low, double high) => low + (high - low) * NextDouble();

    /// <summary>Uniform over the integers 0 … <paramref name="count"/> − 1.</summary>
    public int Next(int count) => (int)Math.BigMul(NextUInt64(), (ulong)count, out _);

    /// <summary>True with probability one half.</summary>
    public bool NextBool() => (NextUInt64() & 1) == 1;

    /// <summary>Standard normal (Box–Muller).</summary>
    public double NextGaussian()
    {
        if (spareGaussian is { } spare)
        {
            spareGaussian = null;
            return spare;
        }

        var radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        var (sin, cos) = Math.SinCos(2 * Math.PI * NextDouble());
        spareGaussian = radius * sin;
        return radius * cos;
    }

    /// <summary>Shuffles in place (Fisher–Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Next(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>Fills a vector with a direction of norm 1, uniform on the sphere: a normalised Gaussian vector.</summary>
    public void FillDirection(Span<float> direction)
    {
        var gaussian = new double[direction.Length];
        var squares = 0.0;
        for (var i = 0; i < gaussian.Length; i++)
        {
            gaussian[i] = NextGaussian();
            squares += gaussian[i] * gaussian[i];
        }

        var scale = 1 / Math.Sqrt(squares);
        for (var i = 0; i < gaussian.Length; i++)
            direction[i] = (float)(gaussian[i] * scale);
    }
}
