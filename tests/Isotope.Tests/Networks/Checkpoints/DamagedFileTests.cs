using CsCheck;
using Isotope.Networks.Checkpoints;
using TorchSharp;

namespace Isotope.Tests.Networks.Checkpoints;

/// <summary>
/// Cut and mutated files: each is read or refused in one line. ISOTOPE_FUZZ_SECONDS makes the fuzzing longer than its
/// one second a file.
/// </summary>
public sealed class DamagedFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static long Alive => DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

    public static TheoryData<string> Small => ["extremes.pth", "extremes.legacy.pth", "views.legacy.pth", "safetensors"];

    public static TheoryData<string> Files =>
        ["dtypes.pth", "nested.pth", "views.legacy.pth", "nested.legacy.pth", "protocol4.legacy.pth", "safetensors"];

    [Theory, MemberData(nameof(Small))]
    public void Load_CutAnywhere_IsRefused(string file)
    {
        byte[] whole = Bytes(file);
        for (int length = 0; length < whole.Length; length++)
            Assert.True(TryLoad(whole.AsSpan(0, length)) is null, $"{file} was read from its first {length} bytes of {whole.Length}");
        Assert.NotNull(TryLoad(whole));
    }

    [Theory, MemberData(nameof(Files))]
    public void Load_Mutated_IsReadOrRefused(string file)
    {
        byte[] whole = Bytes(file);
        var change = Gen.Select(Gen.Int[0, whole.Length - 1], Fuzzing.Values, Gen.Int[0, 3]);
        var overwrite = change.Select(c => (c.Item1, c.Item2, 0)); // keeps lengths and places right, so it gets deeper
        Gen.OneOf(change.Array[1, 8], overwrite.Array[1, 3]).Sample(changes => TryLoad(Mutated(whole, changes)), time: Fuzzing.Seconds, threads: 1);
    }

    // Overwrites, inserts, deletes, or copies a run from elsewhere.
    private static byte[] Mutated(byte[] whole, (int Position, byte Value, int Kind)[] changes)
    {
        List<byte> bytes = [.. whole];
        foreach ((int position, byte value, int kind) in changes.Where(change => change.Position < bytes.Count - 16))
            if (kind == 0)
                bytes[position] = value;
            else if (kind == 1)
                bytes.Insert(position, value);
            else if (kind == 2)
                bytes.RemoveRange(position, 1 + value % 16);
            else
                bytes.InsertRange(position, bytes.Slice(value % (bytes.Count - 16), 16));
        return [.. bytes];
    }

    // The tensors' size in bytes, or null if the file was refused.
    private long? TryLoad(ReadOnlySpan<byte> file)
    {
        string path = folder.Write("damaged", file);
        long before = GC.GetAllocatedBytesForCurrentThread(), alive = Alive;
        try
        {
            using StateDict weights = Checkpoint.Load(path);
            return weights.Sum(item => item.Value.NumberOfElements * item.Value.ElementSize);
        }
        catch (IsotopeException e)
        {
            Assert.DoesNotContain(e.Message, char.IsControl);
            return null;
        }
        finally
        {
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 22);
            Assert.Equal(alive, Alive);
        }
    }

    private static byte[] Bytes(string file)
    {
        if (file != "safetensors")
            return File.ReadAllBytes(GoldenFiles.PathOf(file));
        using TemporaryFolder folder = new();
        using StateDict weights = Checkpoint.Load(GoldenFiles.PathOf("dtypes.pth"));
        Safetensors.Save(folder.File("a"), weights, new Dictionary<string, string> { ["made"] = "here" });
        return File.ReadAllBytes(folder.File("a"));
    }

    public void Dispose() => folder.Dispose();
}
