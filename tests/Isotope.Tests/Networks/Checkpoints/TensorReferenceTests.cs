using System.IO.Compression;
using Isotope.Networks.Checkpoints;
using Isotope.Pickles;
using static Isotope.Tests.Networks.Checkpoints.HostileFiles;

namespace Isotope.Tests.Networks.Checkpoints;

public sealed class TensorReferenceTests
{
    [Theory]
    [InlineData(4, 1, new long[] { 4 }, new long[] { 1 }, "found one that ends at 5 of 4 elements")]
    [InlineData(4, 0, new long[] { 2, 2 }, new long[] { 3, 1 }, "found one that ends at 5 of 4 elements")]
    [InlineData(4, 5, new long[] { 0 }, new long[] { 1 }, "found one that ends at 5 of 4 elements")]
    [InlineData(4, -1, new long[] { 1 }, new long[] { 1 }, "found offset -1 and 1 strides")]
    [InlineData(4, 3, new long[] { 4 }, new long[] { -1 }, "found offset 3 and 1 strides, the least -1")]
    [InlineData(4, 0, new long[] { 4 }, new long[] { 1, 1 }, "found offset 0 and 2 strides")]
    [InlineData(4, 0, new long[] { -4 }, new long[] { 1 }, "expected dimensions of 0 or more, found -4")]
    [InlineData(4, 0, new long[] { 1L << 40, 1L << 40 }, new long[] { 0, 0 }, "expected sizes that fit 63 bits")]
    [InlineData(4, 0, new long[] { 3 }, new long[] { 1L << 62 }, "expected sizes that fit 63 bits")]
    [InlineData(
        4,
        0,
        new long[] { 1L << 40 },
        new long[] { 0 },
        "expected at most 16777216 elements of an expanded tensor, found 1099511627776"
    )]
    [InlineData(5, 0, new long[] { 4 }, new long[] { 1 }, "expected 20 bytes of storage '0', found 16")]
    [InlineData(1L << 62, 0, new long[] { 4 }, new long[] { 1 }, "expected sizes that fit 63 bits")]
    [InlineData(-1, 0, new long[] { 4 }, new long[] { 1 }, "expected the persistent id of a storage")]
    public void Load_ViewOutOfItsStorage_IsRefused(long count, long offset, long[] size, long[] stride, string expected) =>
        Assert.Contains(expected, Refusal(Zip(StateDict(count, offset, size, stride), ("data/0", new byte[16]))));

    [Fact]
    public void Load_ViewInsideOfItsStorage_IsRead()
    {
        using TemporaryFolder folder = new();
        byte[] data = [.. Enumerable.Range(0, 4).SelectMany(i => BitConverter.GetBytes((float)i))];
        using StateDict weights = Checkpoint.Load(folder.Write("a", Zip(StateDict(4, 1, [2], [2]), ("data/0", data))));
        Assert.Equal([1f, 3f], weights["w"].contiguous().data<float>());
    }

    // [['w', _rebuild_tensor(storage, offset, size, stride)]], with names as byte strings
    [Fact]
    public void Load_OrderedDictOfPython2_IsRead()
    {
        using TemporaryFolder folder = new();
        byte[] pickle = Pickle(
            Global("collections", "OrderedDict"),
            Opcode.EmptyList,
            Opcode.EmptyList,
            Opcode.Mark,
            Opcode.ShortString,
            new byte[] { 1 },
            "w",
            Global("torch._utils", "_rebuild_tensor"),
            Opcode.Mark,
            Opcode.Mark,
            Text("storage"),
            Global("torch", "BoolStorage"),
            Text("7"),
            Text("cuda:0"),
            Integer(3),
            Opcode.Tuple,
            Opcode.PersistentId,
            Integer(0),
            Tuple([3]),
            Tuple([1]),
            Opcode.Tuple,
            Opcode.Reduce,
            Opcode.Appends,
            Opcode.Append,
            Opcode.Tuple1,
            Opcode.Reduce
        );
        using StateDict weights = Checkpoint.Load(folder.Write("a", Zip(pickle, ("data/7", [0, 1, 2]))));
        Assert.Equal([false, true, true], weights["w"].data<bool>());
        Assert.Equal<byte>([0, 1, 1], weights["w"].bytes.ToArray());
    }

    [Fact]
    public void Load_ViewOfAStorageAsOldFilesHaveThem_IsRefused() =>
        Assert.Contains(
            "expected whole storages, found that '7' is a view of another",
            Refusal(
                Legacy(
                    Pickle(
                        Opcode.Mark,
                        Text("storage"),
                        Global("torch", "FloatStorage"),
                        Text("7"),
                        Text("cpu"),
                        Integer(3),
                        Opcode.EmptyTuple,
                        Opcode.Tuple,
                        Opcode.PersistentId
                    )
                )
            )
        );

    [Fact]
    public void Load_ThirtyThreeDimensions_IsRefused() =>
        Assert.Contains(
            "of at most 32 dimensions, found 33",
            Refusal(Zip(StateDict(4, 0, new long[33], new long[33]), ("data/0", new byte[16])))
        );

    [Fact]
    public void Load_NoRecordOfTheStorage_IsRefused() =>
        Assert.Contains("expected a record of storage '0' in the archive, found none", Refusal(Zip(StateDict(4, 0, [4], [1]))));

    [Fact]
    public void Load_LegacyStorageMissing_IsRefused() =>
        Assert.Contains("expected storage '0' after the pickles, found none", Refusal(Legacy(StateDict(4, 0, [4], [1]))));

    [Fact]
    public void Load_BigEndian_IsRefused() =>
        Assert.Contains(
            "expected byte order 'little', found 'big'",
            Refusal(Zip(StateDict(4, 0, [4], [1]), ("data/0", new byte[16]), ("byteorder", "big"u8.ToArray())))
        );

    [Fact]
    public void Load_ZipBomb_IsRefused()
    {
        byte[] bomb = Archive(CompressionLevel.SmallestSize, ("data.pkl", StateDict(1 << 20, 0, [4], [1])), ("data/0", new byte[1 << 22]));
        Assert.Contains("expected an archive that inflates to at most 100 times its size, found a larger one", Refusal(bomb));
    }

    [Fact]
    public void Load_DeflatedArchive_IsRead()
    {
        using TemporaryFolder folder = new();
        byte[] archive = Archive(CompressionLevel.SmallestSize, ("data.pkl", StateDict(1000, 0, [1000], [1])), ("data/0", new byte[4000]));
        using StateDict weights = Checkpoint.Load(folder.Write("a", archive));
        Assert.Equal(0f, weights["w"].sum().item<float>());
    }

    [Theory]
    [InlineData("x/data/0")]
    [InlineData("x/data.pkl")]
    public void Load_RecordWithAnotherChecksum_IsRefusedByName(string record)
    {
        byte[] archive = Zip(StateDict(4, 0, [4], [1]), ("data/0", [.. "0123456789abcdef"u8]));
        archive[record.EndsWith('0') ? archive.AsSpan().IndexOf("789a"u8) : archive.AsSpan().IndexOf("w"u8)] ^= 4;
        Assert.Contains($"expected the stored checksum of {record}, found another: the archive is damaged", Refusal(archive));
    }

    [Fact]
    public void Load_RecordThatInflatesToMoreThanItSays_IsRefused()
    {
        byte[] archive = Archive(
            CompressionLevel.SmallestSize,
            ("data.pkl", StateDict(1000, 0, [1000], [1])),
            ("data/0", new byte[1 << 20])
        );
        var stated = BitConverter.GetBytes(1 << 20);
        var lie = BitConverter.GetBytes(4000);
        while (archive.AsSpan().IndexOf(stated) is >= 0 and var at)
            lie.CopyTo(archive, at);
        Assert.Contains("the archive is damaged", Refusal(archive));
    }

    [Fact]
    public void Load_SameRecordTwice_IsRefused() =>
        Assert.Contains(
            "found 'x/data/0' encrypted or twice",
            Refusal(Zip(StateDict(4, 0, [4], [1]), ("data/0", new byte[16]), ("data/0", new byte[16])))
        );

    [Fact]
    public void Load_OtherArchive_IsRefused() =>
        Assert.Contains("expected an .npy file", Refusal(Archive(CompressionLevel.Fastest, ("a.npy", [1]))));

    [Fact]
    public void Load_OtherPickle_IsRefused() => Assert.Contains("found a dictionary without any", Refusal(Pickle(Opcode.EmptyDict)));

    private static string Refusal(byte[] file)
    {
        using TemporaryFolder folder = new();
        return Assert.Throws<IsotopeException>(() => Checkpoint.Load(folder.Write("a", file))).Message;
    }
}
