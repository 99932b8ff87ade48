using Isotope.Networks.Checkpoints;
using TorchSharp;

namespace Isotope.Tests.Networks.Checkpoints;

/// <summary>Truncated files: each is refused in one line.</summary>
public sealed class DamagedFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static long Alive => DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

    public static TheoryData<string> Small => ["extremes.pth", "extremes.legacy.pth", "views.legacy.pth", "safetensors"];

    [Theory, MemberData(nameof(Small))]
    public void Load_TruncatedAnywhere_IsRefused(string file)
    {
        byte[] whole = Bytes(file);
        for (int length = 0; length < whole.Length; length++)
            Assert.True(TryLoad(whole.AsSpan(0, length)) is null, $"{file} was read from its first {length} bytes of {whole.Length}");
        Assert.NotNull(TryLoad(whole));
    }

    // The tensors' size in bytes, or null if the file was refused.
    private long? TryLoad(ReadOnlySpan<byte> file)
    {
        string path = folder.Write("damaged", file);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var alive = Alive;
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
