using Isotope.Files;
using Isotope.Networks;
using Isotope.Networks.Onnx;
using Isotope.Numerics;

namespace Isotope.Tests.Networks.Foreign;

/// <summary>Untrusted ONNX files: each runs as the standard says, or is refused in one line.</summary>
public sealed class OnnxFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Load_ExternalDataInTheFolder_IsRead()
    {
        using var inside = ForeignFiles.Load("gemm.onnx");
        using var outside = ForeignFiles.Load(WriteExternal("weights.bin"));
        using var views = ForeignFiles.Views();
        using var difference = inside.Logits(views) - outside.Logits(views);
        Assert.Equal(0f, difference.abs().max().item<float>());
        Assert.True((inside.Weight - outside.Weight).abs().max().item<float>() == 0);
    }

    // What (sha256sum - < model.onnx; sha256sum weights.bin) | sha256sum prints.
    [Fact]
    public void Sha256_ExternalData_CountInIt()
    {
        var path = WriteExternal("weights.bin");
        var lines = $"{Hashes.OfFile(path)}  -\n{Hashes.OfFile(folder.File("weights.bin"))}  weights.bin\n";
        using (var network = ForeignFiles.Load(path))
            Assert.Equal(Hashes.OfBytes(System.Text.Encoding.UTF8.GetBytes(lines)), network.Sha256);
        var inspected = NetworkDescription.Of(path).Sha256;
        var bytes = File.ReadAllBytes(folder.File("weights.bin"));
        bytes[^1] ^= 1;
        folder.Write("weights.bin", bytes);
        Assert.NotEqual(inspected, NetworkDescription.Of(path).Sha256);
        Assert.Equal(Hashes.OfFile(ForeignFiles.PathOf("gemm.onnx")), NetworkDescription.Of(ForeignFiles.PathOf("gemm.onnx")).Sha256);
    }

    /// <summary>A folder can be named by a star, and ONNX Runtime would take such a path for an address in this process.</summary>
    [Fact]
    public void Load_ExternalDataAtAnAddressInMemory_IsRefusedThoughTheFileExists()
    {
        Directory.CreateDirectory(folder.File("*/_ORT_MEM_ADDR_"));
        folder.Write("*/_ORT_MEM_ADDR_/*", new byte[1000]);
        Assert.Contains("which leads out of it or is a link", Refusal(WriteExternal("weights.bin", "*/_ORT_MEM_ADDR_/*")));
    }

    [Theory]
    [InlineData("length", "236")]
    [InlineData("length", "0")]
    public void Load_ExternalDataOfAnotherLengthThanTheShape_IsRefused(string key, string value) =>
        Assert.Contains(
            $"expected 240 bytes of external data of head.weight, as its shape says, found {value}",
            Refusal(WriteExternal("weights.bin", key: key, value: value))
        );

    [Fact]
    public void Load_ExternalDataWithoutLength_AreAsLongAsTheShapeSays()
    {
        using var network = ForeignFiles.Load(WriteExternal("weights.bin", key: "length"));
        Assert.Equal(10, network.Classes);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../weights.bin")]
    [InlineData("below/../../weights.bin")]
    [InlineData("link.bin")]
    [InlineData("C:\\weights.bin")]
    [InlineData("*/_ORT_MEM_ADDR_/*")]
    [InlineData("C:weights.bin")]
    [InlineData("absent.bin")]
    [InlineData("")]
    [InlineData("linked/passwd")]
    public void Load_ExternalDataElsewhere_IsRefusedByName(string location)
    {
        File.CreateSymbolicLink(folder.File("link.bin"), "/etc/passwd");
        Directory.CreateSymbolicLink(folder.File("linked"), "/etc");
        Assert.Contains($"'{location}'", Refusal(WriteExternal("weights.bin", location)));
    }

    [Theory]
    [InlineData("offset", "99999")]
    [InlineData("length", "99999999999")]
    [InlineData("offset", "-4")]
    [InlineData("length", "many")]
    public void Load_ExternalDataOfAnotherLength_IsRefused(string key, string value) =>
        Assert.Contains("external data", Refusal(WriteExternal("weights.bin", key: key, value: value)));

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public void Describe_TensorOfAnImpossibleShape_IsRefused(long length)
    {
        var path = Write(model =>
            model.Graph.Initializer.Add(
                new TensorProto
                {
                    Name = "x",
                    DataType = 1,
                    Dims = { length, 4 },
                }
            )
        );
        Assert.StartsWith($"{path}: expected ", Assert.Throws<IsotopeException>(() => NetworkDescription.Of(path)).Message);
    }

    [Fact]
    public void Load_CustomOperator_IsRefusedByName() =>
        Assert.Contains(
            "the custom operator Gelu of com.microsoft",
            Refusal(
                Write(model =>
                {
                    model.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 });
                    var relu = model.Graph.Node.First(node => node.OpType == "Relu");
                    (relu.OpType, relu.Domain) = ("Gelu", "com.microsoft");
                })
            )
        );

    [Fact]
    public void Load_CustomOperatorInABranch_IsRefused() =>
        Assert.Contains(
            "of evil",
            Refusal(
                Write(model =>
                {
                    var branch = new GraphProto
                    {
                        Node =
                        {
                            new NodeProto { OpType = "Run", Domain = "evil" },
                        },
                    };
                    model.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "body", G = branch });
                })
            )
        );

    [Fact]
    public void Load_ScaledGemm_HasTheScaleInItsWeights()
    {
        using var plain = ForeignFiles.Load("gemm.onnx");
        using var scaled = ForeignFiles.Load(
            Write(model =>
            {
                var gemm = model.Graph.Node.Single(node => node.OpType == "Gemm");
                foreach (var attribute in gemm.Attribute.Where(attribute => attribute.Name is "alpha" or "beta").ToArray())
                    gemm.Attribute.Remove(attribute);
                foreach (var (name, factor) in new[] { ("alpha", 2f), ("beta", 3f) })
                {
                    var attribute = new AttributeProto { Name = name, F = factor };
                    attribute.Type = 1;
                    gemm.Attribute.Add(attribute);
                }
            })
        );
        Assert.True((scaled.Weight - plain.Weight.Times(2)).abs().max().item<float>() == 0);
        Assert.True((scaled.Bias! - plain.Bias!.Times(3)).abs().max().item<float>() == 0);
    }

    [Fact]
    public void Load_InputOfOtherShape_IsRefused() =>
        Assert.Contains(
            "N × 3 × S × S or N × S × S × 3 numbers, found Float [-1, 1, 16, 16]",
            Refusal(
                Write(model =>
                {
                    model.Graph.Input[0].Type.TensorType.Shape.Dim[1].DimValue = 1;
                    model.Graph.Node.Single(node => node.Input.Contains("views")).Input[0] = "other";
                    model.Graph.Node.Insert(
                        0,
                        new NodeProto
                        {
                            OpType = "Concat",
                            Input = { "views", "views", "views" },
                            Output = { "other" },
                            Attribute =
                            {
                                new AttributeProto
                                {
                                    Name = "axis",
                                    I = 1,
                                    Type = 2,
                                },
                            },
                        }
                    );
                })
            )
        );

    [Theory]
    [InlineData("")]
    [InlineData("\b\a")]
    [InlineData("\b\a:\0")]
    [InlineData("\b\a:\u007fabc")]
    public void Load_NoModel_IsRefused(string content) =>
        Refusal(folder.Write("model.onnx", System.Text.Encoding.Latin1.GetBytes(content)));

    private string Write(Action<ModelProto> change) => ForeignFiles.Write(folder, change);

    private string WriteExternal(string file, string? location = null, string? key = null, string? value = null) =>
        ForeignFiles.WriteExternal(folder, file, location, key, value);

    private static string Refusal(string path)
    {
        var message = Assert.Throws<IsotopeException>(() => ForeignFiles.Load(path)).Message;
        Assert.StartsWith(path + ": ", message);
        Assert.DoesNotContain(message, char.IsControl);
        return message;
    }

    public void Dispose() => folder.Dispose();
}
