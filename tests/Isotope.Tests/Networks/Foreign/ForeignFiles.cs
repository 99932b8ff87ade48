using System.Text.Json;
using Google.Protobuf;
using Isotope.Networks;
using Isotope.Networks.Onnx;
using static TorchSharp.torch;

namespace Isotope.Tests.Networks.Foreign;

/// <summary>The files that Golden/make_golden.py made with PyTorch, and what PyTorch computed with them.</summary>
internal static class ForeignFiles
{
    public const int Size = 16;
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Networks", "Foreign", "Golden");

    public static string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>Loads a model of this folder, or one at any other path.</summary>
    public static Network Load(string name) => Network.Load(PathOf(name), overrides: new InputOverride { Size = Size });

    /// <summary>A changed copy of gemm.onnx.</summary>
    public static string Write(TemporaryFolder folder, Action<ModelProto> change)
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(PathOf("gemm.onnx")));
        change(model);
        return folder.Write("model.onnx", model.ToByteArray());
    }

    /// <summary>gemm.onnx with its classifier's weight in a file beside it, or claimed to be elsewhere.</summary>
    public static string WriteExternal(
        TemporaryFolder folder,
        string file,
        string? location = null,
        string? key = null,
        string? value = null
    ) =>
        Write(
            folder,
            model =>
            {
                var weight = model.Graph.Initializer.Single(tensor => tensor.Name == "head.weight");
                folder.Write(file, [1, 2, 3, 4, .. weight.RawData.Span]);
                weight.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location ?? file });
                weight.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = "4" });
                weight.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = $"{weight.RawData.Length}" });
                if (key is not null && value is null)
                    weight.ExternalData.Remove(weight.ExternalData.Single(entry => entry.Key == key));
                else if (key is not null)
                    weight.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
                weight.ClearRawData();
                weight.DataLocation = 1;
            }
        );

    /// <summary>gemm.onnx with 7 added to its features: the last number of a table, which is in a sparse file of its own.</summary>
    public static string WriteLarge(TemporaryFolder folder, long numbers) =>
        Write(
            folder,
            model =>
            {
                using (FileStream stream = new(folder.File("table.bin"), FileMode.Create))
                {
                    stream.SetLength((numbers - 1) * sizeof(float));
                    stream.Position = stream.Length;
                    stream.Write(BitConverter.GetBytes(7f));
                }

                var table = new TensorProto
                {
                    Name = "table",
                    DataType = 1,
                    Dims = { numbers },
                    DataLocation = 1,
                };
                table.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "table.bin" });
                var index = new TensorProto
                {
                    Name = "index",
                    DataType = 7,
                    RawData = ByteString.CopyFrom(BitConverter.GetBytes(numbers - 1)),
                };
                model.Graph.Initializer.Add([table, index]);
                var head = model.Graph.Node.Single(node => node.OpType == "Gemm");
                var at = model.Graph.Node.IndexOf(head);
                model.Graph.Node.Insert(
                    at,
                    new NodeProto
                    {
                        OpType = "Gather",
                        Input = { "table", "index" },
                        Output = { "seven" },
                    }
                );
                model.Graph.Node.Insert(
                    at + 1,
                    new NodeProto
                    {
                        OpType = "Add",
                        Input = { head.Input[0], "seven" },
                        Output = { "greater" },
                    }
                );
                head.Input[0] = "greater";
            }
        );

    /// <summary>The two views of make_golden.py, in grey levels.</summary>
    public static Tensor Views() =>
        tensor(Enumerable.Range(0, 2 * 3 * Size * Size).Select(i => (float)((i * i + 37 * i) % 256)).ToArray(), [2, 3, Size, Size]);

    /// <summary>Largest difference from PyTorch's numbers, relative to the largest of them.</summary>
    public static double Error(string file, string what, Tensor actual)
    {
        using var scope = NewDisposeScope();
        using var json = JsonDocument.Parse(File.ReadAllText(PathOf("expected.json")));
        var values = json.RootElement.GetProperty(file).GetProperty(what).Deserialize<float[]>()!;
        var expected = tensor(values).view(2, -1);
        Assert.Equal(expected.shape, actual.shape);
        return ((actual - expected).abs().max() / expected.abs().max()).item<float>();
    }
}
