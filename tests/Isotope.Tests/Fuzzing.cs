using System.Globalization;
using CsCheck;

namespace Isotope.Tests;

/// <summary>Damages files.</summary>
internal static class Fuzzing
{
    private const int RunLength = 16;

    // Any byte, and more often those at the ends of what counts and signs take.
    public static readonly Gen<byte> Values = Gen.OneOf(Gen.Byte, Gen.Byte[0, 1], Gen.Byte[127, 128], Gen.Byte[255, 255]);

    public static int Seconds => int.Parse(Environment.GetEnvironmentVariable("ISOTOPE_FUZZ_SECONDS") ?? "2", CultureInfo.InvariantCulture);

    /// <summary>Hands over one damaged copy after another, for two seconds or ISOTOPE_FUZZ_SECONDS.</summary>
    /// <param name="whole">The file.</param>
    /// <param name="length">How much of its beginning is damaged.</param>
    /// <param name="attempt">Reads a copy.</param>
    public static void Run(byte[] whole, int length, Action<byte[]> attempt)
    {
        var change = Gen.Select(Gen.Int[0, length - 1], Values, Gen.Int[0, 3]);
        var overwrite = change.Select(c => (c.Item1, c.Item2, 0)); // keeps lengths and places right, so it gets deeper
        Gen.OneOf(change.Array[1, 8], overwrite.Array[1, 3]).Sample(changes => attempt(Mutated(whole, changes)), time: Seconds, threads: 1);
    }

    // Overwrites, inserts, deletes, or copies a run from elsewhere.
    private static byte[] Mutated(byte[] whole, (int Position, byte Value, int Kind)[] changes)
    {
        List<byte> bytes = [.. whole];
        foreach ((int position, byte value, int kind) in changes.Where(change => change.Position < bytes.Count - RunLength))
            if (kind == 0)
                bytes[position] = value;
            else if (kind == 1)
                bytes.Insert(position, value);
            else if (kind == 2)
                bytes.RemoveRange(position, 1 + value % RunLength);
            else
                bytes.InsertRange(position, bytes.Slice(value % (bytes.Count - RunLength), RunLength));
        return [.. bytes];
    }
}
