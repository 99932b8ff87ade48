using CsCheck;
using Isotope.Networks.Checkpoints;
using Isotope.Networks.Scripts;

namespace Isotope.Tests.Networks.Foreign;

/// <summary>
/// Cut and mutated models: each is read or refused in one line. Mutated TorchScript goes through our own checks alone, not
/// to libtorch, which ends the process at some rare damage that they miss. ISOTOPE_FUZZ_SECONDS makes the fuzzing longer
/// than its one second a file.
/// </summary>
public sealed class DamagedForeignFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("gemm.onnx")]
    [InlineData("traced.pt")]
    public void Load_CutAnywhere_IsRefused(string file)
    {
        var whole = File.ReadAllBytes(ForeignFiles.PathOf(file));
        for (var length = 0; length < whole.Length - 1; length += 1 + length / 100)
            Assert.False(Loads(whole.AsSpan(0, length)), $"{file} was read from its first {length} bytes of {whole.Length}");
        Assert.True(Loads(whole));
    }

    [Theory]
    [InlineData("gemm.onnx")]
    [InlineData("matmul.onnx")]
    [InlineData("traced.pt")]
    public void Load_Mutated_IsReadOrRefused(string file)
    {
        var whole = File.ReadAllBytes(ForeignFiles.PathOf(file));
        var change = Gen.Select(Gen.Int[0, whole.Length - 1], Fuzzing.Values);
        change.Array[1, 4].Sample(changes =>
        {
            byte[] bytes = [.. whole];
            foreach (var (position, value) in changes) bytes[position] = value;
            Loads(bytes, checksAlone: file.EndsWith(".pt", StringComparison.Ordinal));
        }, time: Fuzzing.Seconds, threads: 1);
    }

    private bool Loads(ReadOnlySpan<byte> bytes, bool checksAlone = false)
    {
        try
        {
            var path = folder.Write("damaged", bytes);
            if (checksAlone) CheckpointFile.Read(path, ScriptArchive.Repack);
            else ForeignFiles.Load(path).Dispose();
            return true;
        }
        catch (IsotopeException e)
        {
            Assert.DoesNotContain(e.Message, char.IsControl);
            return false;
        }
    }

    public void Dispose() => folder.Dispose();
}
