using System.IO.Compression;
using System.Text;
using Isotope.Files;
using Isotope.Networks;
using Isotope.Networks.Scripts;
using Isotope.Pickles;
using static Isotope.Tests.Networks.Checkpoints.HostileFiles;

namespace Isotope.Tests.Networks.Foreign;

/// <summary>TorchScript archives that never reach libtorch.</summary>
public sealed class ScriptArchiveTests : IDisposable
{
    private const string Source = "class M(Module):\n  def forward(self: __torch__.M, x: Tensor) -> Tensor:\n    return x\n";
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Repack_ZipBomb_IsRefused() =>
        Assert.Contains(
            "inflates to at most 100 times its size",
            Refusal(Archive(CompressionLevel.SmallestSize, ("constants.pkl", Pickle(Opcode.EmptyTuple)), ("data/0", new byte[1 << 22])))
        );

    [Fact]
    public void Repack_PickleThatWantsToRun_IsRefusedByName()
    {
        byte[] attack = Pickle(Global("os", "system"), Text($"touch {folder.File("was-run")}"), Opcode.Tuple1, Opcode.Reduce);
        Assert.Contains("the pickle asks for os.system", Refusal(Script(attack)));
        Assert.Contains("the pickle asks for os.system", Refusal(Script(Model([]), attack)));
        Assert.False(File.Exists(folder.File("was-run")));
    }

    [Theory]
    [InlineData(4, 1, 4, "found one that ends at 5 of 4 elements")]
    [InlineData(5, 0, 4, "expected 20 bytes of data '0' in the archive, found 16")]
    [InlineData(1L << 40, 0, 1L << 40, "expected 4398046511104 bytes of data '0' in the archive, found 16")]
    public void Repack_TensorOutOfItsStorage_IsRefused(long count, long offset, long size, string expected) =>
        Assert.Contains(expected, Refusal(Script(Model(Inner(StateDict(count, offset, [size], [1]))), data: new byte[16])));

    [Fact]
    public void Repack_Checksum_IsChecked()
    {
        byte[] archive = Script(Model(Inner(StateDict(4, 0, [4], [1]))), data: [.. "0123456789abcdef"u8]);
        UntrustedFile.Read(folder.Write("good.pt", archive), ScriptArchive.Repack);
        archive[archive.AsSpan().IndexOf("789a"u8)] ^= 1;
        Assert.Contains("expected the stored checksum of x/data/0, found another", Refusal(archive));
    }

    /// <summary>libtorch trusts the size in the pickle, and would read and write past the end.</summary>
    [Fact]
    public void Repack_RecordShorterThanItSays_IsRefused()
    {
        byte[] archive = Archive(
            CompressionLevel.Optimal,
            ("data.pkl", Model(Inner(StateDict(40, 0, [40], [1])))),
            ("constants.pkl", Pickle(Opcode.EmptyTuple)),
            ("code/__torch__.py", Encoding.UTF8.GetBytes(Source)),
            ("data/0", [.. "0123456789abcdef"u8])
        );
        foreach (var (signature, sizeAt) in new[] { ("PK\u0001\u0002", 24), ("PK\u0003\u0004", 22) })
        foreach (var at in PositionsOf(signature, archive))
            if (BitConverter.ToUInt32(archive, at + sizeAt) == 16)
                BitConverter.TryWriteBytes(archive.AsSpan(at + sizeAt), 160u);
        Assert.Contains("it is truncated", Refusal(archive));
    }

    [Theory]
    [InlineData("getattr(self, \"0\")", true)]
    [InlineData("getattr(getattr(getattr(self.a, \"block1-0\"), \"1\"), \"2\")", true)]
    [InlineData("getattr(torch, \"sa\\x76e\")", false)]
    [InlineData("getattr(getattr(torch, \"a\"), \"sa\\x76e\")", false)]
    [InlineData("getattr(getattr(torch, \"sa\\x76e\"), \"a\")", false)]
    [InlineData("getattr (torch, \"a\")", false)]
    [InlineData("getattr(torch, \"save\")", false)]
    [InlineData("torch.  classes.a", false)]
    [InlineData("ops.aten.relu(x)", true)]
    [InlineData("self.fingerprint", true)]
    [InlineData("torch._convolution(x, self.weight)", true)]
    [InlineData("(self)._forward_impl(x)", true)]
    [InlineData("torch.__is__(x, None)", true)]
    [InlineData("torch._sparse_coo_tensor_unsafe(x, x, [10])", false)]
    [InlineData("ops.aten._index_put_impl_(x, [x], x, False, True)", false)]
    [InlineData("torch. # \n _unsafe_index(x, [x])", false)]
    [InlineData("x.to_dense()", false)]
    [InlineData("torch.sparse_csr_tensor(x, x, x)", false)]
    [InlineData("print(x)", false)]
    [InlineData("ops.prim.Print(x)", false)]
    [InlineData("ops. # \n image.read_file(x)", false)]
    public void Repack_Source_MayOnlyCompute(string expression, bool allowed)
    {
        byte[] archive = Script(Model([]), source: Source.Replace("return x", $"return {expression}", StringComparison.Ordinal));
        if (allowed)
            UntrustedFile.Read(folder.Write("good.pt", archive), ScriptArchive.Repack);
        else
            Assert.Contains("expected TorchScript that only computes", Refusal(archive));
    }

    private static IEnumerable<int> PositionsOf(string signature, byte[] archive)
    {
        for (var at = Next(0); at >= 0; at = Next(at + signature.Length))
            yield return at;

        int Next(int from)
        {
            var step = archive.AsSpan(from).IndexOf(Encoding.Latin1.GetBytes(signature));
            return step < 0 ? -1 : from + step;
        }
    }

    /// <summary>The pickle of an object; its attributes are the instructions of a dictionary.</summary>
    private static byte[] Model(byte[] attributes) =>
        Pickle(
            Global("__torch__", "M"),
            Opcode.EmptyTuple,
            Opcode.NewObj,
            attributes.Length > 0 ? attributes : new[] { (byte)Opcode.EmptyDict },
            Opcode.Build
        );

    private static byte[] Script(byte[] pickle, byte[]? constants = null, byte[]? data = null, string source = Source) =>
        Archive(
            CompressionLevel.NoCompression,
            ("data.pkl", pickle),
            ("constants.pkl", constants ?? Pickle(Opcode.EmptyTuple)),
            ("code/__torch__.py", Encoding.UTF8.GetBytes(source)),
            ("data/0", data ?? []),
            ("version", "3\n"u8.ToArray())
        );

    private string Refusal(byte[] archive)
    {
        var path = folder.Write("model.pt", archive);
        var message = Assert.Throws<IsotopeException>(() => Network.Load(path, overrides: new InputOverride { Size = 16 })).Message;
        Assert.StartsWith(path + ": ", message);
        Assert.DoesNotContain(message, char.IsControl);
        return message;
    }

    public void Dispose() => folder.Dispose();
}
