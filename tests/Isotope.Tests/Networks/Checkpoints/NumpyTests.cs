using System.IO.Compression;
using System.Text;
using Isotope.Networks.Checkpoints;
using Isotope.Pickles;
using static Isotope.Tests.Networks.Checkpoints.HostileFiles;

namespace Isotope.Tests.Networks.Checkpoints;

/// <summary>Weights as NumPy's arrays: in pickles of any kind, and in NumPy's own files.</summary>
public sealed class NumpyTests : IDisposable
{
    private static readonly byte[] Numbers = [.. new[] { 1f, 2, 3, 4, 5, 6 }.SelectMany(BitConverter.GetBytes)];
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string, byte[]> Arrays =>
        new()
        {
            { "bytes", Array(Bytes(Numbers), "f4") },
            { "latin1", Array([.. Global("_codecs", "encode"), .. Latin1(Numbers), .. Text("latin1"), 0x86, (byte)Opcode.Reduce], "f4") },
        };

    [Theory, MemberData(nameof(Arrays), DisableDiscoveryEnumeration = true)]
    public void Load_PickledArrays_AreTensors(string kind, byte[] array)
    {
        using var weights = Checkpoint.Load(folder.Write("a.pkl", Pickle(Opcode.EmptyDict, Text("w"), array, Opcode.SetItem)));
        Assert.Equal([2, 3], weights["w"].shape);
        Assert.Equal([1f, 2, 3, 4, 5, 6], weights["w"].contiguous().data<float>().ToArray());
        Assert.NotEmpty(kind);
    }

    [Fact]
    public void Load_ColumnsFirst_AreTurned()
    {
        var array = Array(Bytes(Numbers), "f4", isFortran: true);
        using var weights = Checkpoint.Load(folder.Write("a.pkl", Pickle(Opcode.EmptyDict, Text("w"), array, Opcode.SetItem)));
        Assert.Equal([1f, 3, 5, 2, 4, 6], weights["w"].contiguous().data<float>().ToArray());
    }

    [Theory]
    [InlineData("f4", 20, "expected 6 elements of an array, found 5")]
    [InlineData("O", 24, "which is not read")]
    [InlineData("f4", 24, null)]
    public void Load_ArrayThatDoesNotFit_IsRefused(string type, int bytes, string? expected)
    {
        var array = Array(Bytes(Numbers[..bytes]), type);
        var file = folder.Write("a.pkl", Pickle(Opcode.EmptyDict, Text("w"), array, Opcode.SetItem));
        if (expected is null)
            Checkpoint.Load(file).Dispose();
        else
            Assert.Contains(expected, Assert.Throws<IsotopeException>(() => Checkpoint.Load(file)).Message);
    }

    [Fact]
    public void Load_ArchiveOfArrays_IsReadByName()
    {
        var file = folder.Write("a.npz", Archive(CompressionLevel.Fastest, ("fc.weight.npy", Npy("<f4", "2, 3", Numbers))));
        using var weights = Checkpoint.Load(file);
        var (name, tensor) = Assert.Single(weights);
        Assert.Equal("x/fc.weight", name);
        Assert.Equal([2, 3], tensor.shape);
        Assert.Equal(6, tensor.contiguous().data<float>().ToArray()[^1]);
    }

    [Theory]
    [InlineData("<f4", "3, 3", "expected 9 elements")]
    [InlineData("<f4", "9223372036854775807, 9223372036854775807", "63 bits")]
    [InlineData("<f4", "99999999999999999999999", "63 bits")]
    [InlineData("<c8", "2, 3", "which is not read")]
    public void Load_DamagedArchiveOfArrays_IsRefused(string type, string shape, string expected)
    {
        var file = folder.Write("a.npz", Archive(CompressionLevel.Fastest, ("w.npy", Npy(type, shape, Numbers))));
        Assert.Contains(expected, Assert.Throws<IsotopeException>(() => Checkpoint.Load(file)).Message);
    }

    [Fact]
    public void Load_OneArray_HasNoNames() =>
        Assert.Contains(
            "one NumPy array of shape (2, 3), which has no names",
            Assert.Throws<IsotopeException>(() => Checkpoint.Load(folder.Write("a.npy", Npy("<f4", "2, 3", Numbers)))).Message
        );

    public void Dispose() => folder.Dispose();

    private static byte[] Bytes(byte[] bytes) => [(byte)Opcode.Bytes, .. UInt32((uint)bytes.Length), .. bytes];

    private static byte[] Latin1(byte[] bytes)
    {
        var text = Encoding.UTF8.GetBytes(Encoding.Latin1.GetString(bytes));
        return [(byte)Opcode.Unicode, .. UInt32((uint)text.Length), .. text];
    }

    /// <summary>An array of 2 × 3 as NumPy pickles it.</summary>
    private static byte[] Array(byte[] elements, string type, bool isFortran = false) =>
        [
            .. Global("numpy.core.multiarray", "_reconstruct"),
            (byte)Opcode.EmptyTuple,
            (byte)Opcode.Reduce,
            (byte)Opcode.Mark,
            .. Integer(1),
            .. Tuple([2, 3]),
            .. Global("numpy", "dtype"),
            .. Text(type),
            0x85,
            (byte)Opcode.Reduce,
            .. Integer(3),
            .. Text("<"),
            0x86,
            (byte)Opcode.Build,
            (byte)(isFortran ? Opcode.True : Opcode.False),
            .. elements,
            (byte)Opcode.Tuple,
            (byte)Opcode.Build,
        ];

    private static byte[] Npy(string type, string shape, byte[] elements)
    {
        var header = Encoding.ASCII.GetBytes($"{{'descr': '{type}', 'fortran_order': False, 'shape': ({shape}), }}\n");
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. header, .. elements];
    }
}
