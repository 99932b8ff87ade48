namespace Isotope.Tests.Networks.Foreign;

/// <summary>Truncated models: each is refused in one line.</summary>
public sealed class DamagedForeignFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("gemm.onnx")]
    [InlineData("traced.pt")]
    public void Load_TruncatedAnywhere_IsRefused(string file)
    {
        var whole = File.ReadAllBytes(ForeignFiles.PathOf(file));
        for (var length = 0; length < whole.Length - 1; length += 1 + length / 100)
            Assert.False(Loads(whole.AsSpan(0, length)), $"{file} was read from its first {length} bytes of {whole.Length}");
        Assert.True(Loads(whole));
    }

    private bool Loads(ReadOnlySpan<byte> bytes)
    {
        try
        {
            ForeignFiles.Load(folder.Write("damaged", bytes)).Dispose();
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
