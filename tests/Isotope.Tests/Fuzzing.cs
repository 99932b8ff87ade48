using System.Globalization;
using CsCheck;
using TorchSharp;

namespace Isotope.Tests;

/// <summary>
/// Damages files that strangers may hand over: each copy must be read, or refused in one line, in little memory and without a tensor left
/// over.
/// </summary>
internal static class Fuzzing
{
    private const int RunLength = 16;
    private const int Fewest = 60;

    // Any byte, and more often those at the ends of what counts and signs take.
    public static readonly Gen<byte> Values = Gen.OneOf(Gen.Byte, Gen.Byte[0, 1], Gen.Byte[127, 128], Gen.Byte[255, 255]);

    public static int Seconds => int.Parse(Environment.GetEnvironmentVariable("ISOTOPE_FUZZ_SECONDS") ?? "2", CultureInfo.InvariantCulture);

    private static long Alive => DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

    /// <summary>Reads one damaged copy after another, for two seconds or ISOTOPE_FUZZ_SECONDS, and 60 however long they take.</summary>
    /// <param name="folder">Where the copies are written.</param>
    /// <param name="whole">The file.</param>
    /// <param name="read">Reads a copy.</param>
    /// <param name="name">Name of the copies.</param>
    /// <param name="most">Managed memory that reading one may take, bytes.</param>
    /// <param name="keep">How much of its beginning is damaged; null for all of it.</param>
    /// <param name="seal">Puts right in a copy what would have it refused at once, such as checksums.</param>
    public static void AssertReadOrRefused(
        this TemporaryFolder folder,
        byte[] whole,
        Action<string> read,
        string name = "mutated",
        long most = 1 << 23,
        int? keep = null,
        Action<byte[]>? seal = null
    )
    {
        var (readable, refused) = (0, 0);
        var change = Gen.Select(Gen.Int[0, (keep ?? whole.Length) - 1], Values, Gen.Int[0, 3]);
        var overwrite = change.Select(c => (c.Item1, c.Item2, 0)); // keeps lengths and places right, so it gets deeper
        var changes = Gen.OneOf(change.Array[1, 8], overwrite.Array[1, 3]);
        changes.Sample(Read, iter: Fewest, threads: 1);
        changes.Sample(Read, time: Seconds, threads: 1);
        TestContext.Current.TestOutputHelper?.WriteLine($"{readable} read, {refused} refused");
        Assert.True(readable + refused >= Fewest);

        void Read((int Position, byte Value, int Kind)[] damage)
        {
            var bytes = Mutated(whole, damage);
            seal?.Invoke(bytes);
            _ = TryRead(folder.Write(name, bytes), read, most) ? readable++ : refused++;
        }
    }

    private static bool TryRead(string path, Action<string> read, long most)
    {
        var (before, alive) = (GC.GetAllocatedBytesForCurrentThread(), Alive);
        try
        {
            read(path);
            return true;
        }
        catch (IsotopeException e)
        {
            Assert.DoesNotContain(e.Message, char.IsControl);
            return false;
        }
        finally
        {
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, most);
            Assert.Equal(alive, Alive);
        }
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
