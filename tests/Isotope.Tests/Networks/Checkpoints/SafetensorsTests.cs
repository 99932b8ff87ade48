using System.Text;
using CsCheck;
using Isotope.Networks.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Isotope.Tests.Networks.Checkpoints;

public sealed class SafetensorsTests : IDisposable
{
    private const string Good = """
        {"__metadata__":{"a":"b"},
        "w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},
        "v":{"dtype":"U8","shape":[1],"data_offsets":[8,9]}}
        """;

    private readonly TemporaryFolder folder = new();

    [Fact]
    public void SaveLoad_AnyTensors_AreTheSame() =>
        TensorGen.Recipes.Sample(
            recipes =>
            {
                using var scope = NewDisposeScope();
                KeyValuePair<string, Tensor>[] tensors = [.. recipes.Select(recipe => recipe.Make())];
                string path = folder.File("a.safetensors");
                Safetensors.Save(path, tensors, new Dictionary<string, string> { ["key"] = "ключ" });
                using StateDict loaded = Safetensors.Load(path);
                TensorGen.AssertSame(tensors, loaded);
                Assert.Equal("ключ", loaded.Metadata["key"]);
            },
            iter: 200,
            threads: 1
        );

    [Fact]
    public void Save_KnownTensors_MakesTheseBytes()
    {
        using var scope = NewDisposeScope();
        Safetensors.Save(
            folder.File("a"),
            [new("w", tensor(new short[] { 1, 2 })), new("é\"", tensor((byte)7))],
            new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" }
        );
        byte[] file = File.ReadAllBytes(folder.File("a"));
        string header =
            """{"__metadata__":{"a":"1","b":"2"},"w":{"dtype":"I16","shape":[2],"data_offsets":[0,4]}"""
            + ""","\u00E9\u0022":{"dtype":"U8","shape":[],"data_offsets":[4,5]}}""";
        int length = (header.Length + 7) / 8 * 8;
        Assert.Equal(HostileFiles.UInt64((ulong)length), file[..8]);
        Assert.Equal(header.PadRight(length), Encoding.UTF8.GetString(file, 8, length));
        Assert.Equal([1, 0, 2, 0, 7], file[(8 + length)..]);
    }

    [Fact]
    public void Load_ForeignFile_IsReadInTheHeadersOrder()
    {
        using StateDict loaded = Checkpoint.Load(Write(Good + " ", 9));
        Assert.Equal(["w", "v"], loaded.Names);
        Assert.Equal("b", loaded.Metadata["a"]);
    }

    [Theory]
    [InlineData("[0,8]", "[0,7]", 9, "expected 8 bytes of 'w', found offsets 0 to 7")]
    [InlineData("[0,8]", "[8,0]", 9, "expected 8 bytes of 'w', found offsets 8 to 0")]
    [InlineData("[0,8]", "[-8,0]", 9, "expected 8 bytes of 'w', found offsets -8 to 0")]
    [InlineData("[0,8]", "[0,8,9]", 9, "found 1 dimensions and 3 offsets")]
    [InlineData("[8,9]", "[7,8]", 9, "expected 'v' at offset 8 without hole or overlap, found 7")]
    [InlineData("[8,9]", "[9,10]", 10, "expected 'v' at offset 8 without hole or overlap, found 9")]
    [InlineData("", "", 8, "expected 9 bytes of tensors, found 8")]
    [InlineData("", "", 10, "expected 9 bytes of tensors, found 10")]
    [InlineData("[2]", "[-2]", 9, "expected dimensions of 0 or more, found -2")]
    [InlineData("[2]", "[4611686018427387904]", 9, "expected sizes that fit 63 bits")]
    [InlineData("[2]", "[2.5]", 9, "expected a safetensors header")]
    [InlineData("[2]", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2]", 9, "found 33 dimensions")]
    [InlineData("F32", "F8_E4M3", 9, "expected a dtype of F32, F64, F16, BF16, I64, I32, I16, I8, U8, BOOL, found 'F8_E4M3'")]
    [InlineData("\"v\"", "\"w\"", 9, "expected a safetensors header")]
    [InlineData("\"v\"", "\"\\u0077\"", 9, "expected a safetensors header")]
    [InlineData("\"b\"", "7", 9, "expected a safetensors header")]
    [InlineData("\"b\"", "\"\\ud800\"", 9, "expected a safetensors header")]
    [InlineData("\"dtype\"", "\"type\"", 9, "expected a safetensors header")]
    [InlineData("[2]", "[[[[[[2]]]]]]", 9, "expected a safetensors header")]
    [InlineData("}}", "}", 9, "expected a safetensors header")]
    public void Load_WrongHeader_SaysWhat(string part, string replacement, int dataBytes, string expected)
    {
        string header = part == "" ? Good : Good.Replace(part, replacement, StringComparison.Ordinal);
        Assert.Contains(expected, Refusal(Write(header, dataBytes)));
    }

    [Fact]
    public void Load_HeaderLongerThanTheFile_IsRefusedBeforeItIsRead()
    {
        string path = folder.Write("a", [.. HostileFiles.UInt64(1UL << 62), .. "{}"u8]);
        Assert.Contains("expected a safetensors file, found", Assert.Throws<IsotopeException>(() => Safetensors.Load(path)).Message);
    }

    [Fact]
    public void Load_HeaderOfOneGigabyteInASparseFile_IsRefused()
    {
        string path = folder.Write("a", [.. HostileFiles.UInt64(1UL << 30), .. "{}"u8]);
        using (FileStream stream = new(path, FileMode.Open))
            stream.SetLength(1L << 31);
        Assert.Contains("expected a header of at most 100000000 bytes and inside the file, found 1073741824", Refusal(path));
    }

    [Fact]
    public void Save_NameTwiceOrReservedOrComplex_IsRefused()
    {
        using var scope = NewDisposeScope();
        Assert.Contains("tensor 'w': expected a name of its own", SaveRefusal(new("w", ones(1)), new("w", ones(1))));
        Assert.Contains(
            "tensor '__metadata__': expected a name of its own",
            SaveRefusal(new KeyValuePair<string, Tensor>("__metadata__", ones(1)))
        );
        Assert.Contains(
            "tensor 'c': expected dense numbers or booleans, found ComplexFloat32",
            SaveRefusal(new KeyValuePair<string, Tensor>("c", ones(1, dtype: ScalarType.ComplexFloat32)))
        );
        Assert.Contains(
            "tensor 's': expected dense numbers or booleans, found sparse Float32",
            SaveRefusal(new KeyValuePair<string, Tensor>("s", ones(2, 2).to_sparse()))
        );
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void SaveLoad_LeaveNoTensorAlive()
    {
        using Tensor weights = ones(3, 2);
        DisposeScopeManager.Statistics.Reset();
        Safetensors.Save(folder.File("a"), [new("w", weights.t())]);
        Safetensors.Load(folder.File("a")).Dispose();
        Assert.Equal(1, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount); // the transposed argument
    }

    private string SaveRefusal(params KeyValuePair<string, Tensor>[] tensors) =>
        Assert.Throws<IsotopeException>(() => Safetensors.Save(folder.File("a"), tensors)).Message;

    private string Write(string header, int dataBytes) => folder.Write("a", HostileFiles.Safetensors(header, dataBytes));

    private static string Refusal(string path)
    {
        IsotopeException e = Assert.Throws<IsotopeException>(() => Checkpoint.Load(path));
        Assert.StartsWith(path + ": ", e.Message);
        return e.Message;
    }

    public void Dispose() => folder.Dispose();
}
