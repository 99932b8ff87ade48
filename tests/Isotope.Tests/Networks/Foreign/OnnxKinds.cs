using Google.Protobuf;
using Isotope.Networks.Onnx;

namespace Isotope.Tests.Networks.Foreign;

/// <summary>Changes of gemm.onnx into what other tools write of the same classifier, or of another one.</summary>
internal static class OnnxKinds
{
    private const int Float = 1,
        Byte = 2,
        SignedByte = 3,
        Long = 7,
        Half = 10;
    private const string Features = "/ReduceMean_output_0",
        Weight = "head.weight",
        Logits = "out";

    /// <summary>Other forms of the same classifier: each computes what gemm.onnx does.</summary>
    public static readonly IReadOnlyDictionary<string, Action<ModelProto>> Same = new Dictionary<string, Action<ModelProto>>
    {
        ["weights of 16 bits behind Cast"] = model =>
        {
            // Numbers that 16 bits hold, in both forms of the model.
            Store(model, Weight, Half, [.. Values(model, Weight).SelectMany(value => BitConverter.GetBytes((Half)value))]);
            Before(model, "Gemm", Node("Cast", [Weight], ["cast"], ("to", Float)), input: 1);
        },
        ["quantized weights"] = model =>
        {
            Store(model, Weight, SignedByte, [.. Values(model, Weight).Select(value => (byte)(sbyte)Math.Round(value * QuantizedScale))]);
            model.Graph.Initializer.Add(Number("scale", 1 / QuantizedScale));
            Before(model, "Gemm", Node("DequantizeLinear", [Weight, "scale"], ["dequantized"]), input: 1);
        },
        ["a transposed matrix"] = model =>
        {
            Gemm(model).Attribute.Clear();
            Before(model, "Gemm", Node("Identity", [Weight], ["same"]), input: 1);
            Before(model, "Gemm", Node("Transpose", ["same"], ["transposed"], ("perm", (long[])[1, 0])), input: 1);
        },
        ["matrix product, addition"] = model =>
        {
            var node = Gemm(model);
            var (matrix, bias) = (node.Input[1], node.Input[2]);
            model.Graph.Node.Remove(node);
            Append(model, Node("Transpose", [matrix], ["kernel"], ("perm", (long[])[1, 0])));
            Append(model, Node("MatMul", [Features, "kernel"], ["product"]));
            Append(model, Node("Add", ["product", bias], [Logits]));
        },
        ["a convolution behind pooling"] = model => Convolution(model, repeats: 1),
        ["a convolution before pooling"] = model => Convolution(model, repeats: 2),
        ["a layer for all tokens, then one"] = model =>
        {
            model.Graph.Initializer.Add([Integers("axis", 1), Integers("first", 0), Integers("repeats", 1, 3, 1)]);
            var node = Gemm(model);
            model.Graph.Node.Remove(node);
            Append(model, Node("Unsqueeze", [Features, "axis"], ["token"]));
            Append(model, Node("Tile", ["token", "repeats"], ["tokens"]));
            Append(model, Node("Transpose", [Weight], ["kernel"], ("perm", (long[])[1, 0])));
            Append(model, Node("MatMul", ["tokens", "kernel"], ["product"]));
            Append(model, Node("Add", ["product", "head.bias"], ["sum"]));
            Append(model, Node("Gather", ["sum", "first"], ["picked"], ("axis", 1)));
            Append(model, Node("Squeeze", ["picked", "axis"], [Logits]));
        },
        ["no shape of its input"] = model => model.Graph.Input[0].Type.TensorType.Shape = null,
        ["channels last"] = model => ChannelsLast(model),
        ["channels last, no shape"] = model =>
        {
            ChannelsLast(model);
            model.Graph.Input[0].Type.TensorType.Shape = null;
        },
        ["a fixed batch of 4"] = model => model.Graph.Input[0].Type.TensorType.Shape.Dim[0] = new() { DimValue = 4 },
        ["input of 16 bits"] = model =>
        {
            model.Graph.Input[0].Type.TensorType.ElemType = Half;
            Feed(model, Node("Cast", ["views"], ["fed"], ("to", Float)));
        },
        ["features, logits"] = model => Output(model, Features, first: true),
        ["logits, softmax at a temperature, label"] = model =>
        {
            Softmax(model, "probabilities", temperature: 2);
            Append(model, Node("ArgMax", [Logits], ["label"], ("axis", 1)));
            Output(model, "probabilities");
            Output(model, "label", Long);
        },
        ["the best labels alone"] = model =>
        {
            model.Graph.Initializer.Add(Integers("k", 3));
            model.Graph.Output.Clear();
            Append(model, Node("TopK", [Logits, "k"], ["values", "labels"], ("axis", 1)));
            Output(model, "values");
            Output(model, "labels", Long);
        },
    };

    /// <summary>Forms of the same classifier that return probabilities, and whether those sum to 1.</summary>
    public static readonly IReadOnlyDictionary<string, Action<ModelProto>> Probable = new Dictionary<string, Action<ModelProto>>
    {
        ["softmax"] = model => Only(model, () => Softmax(model, "end")),
        ["softmax at a temperature"] = model => Only(model, () => Softmax(model, "end", temperature: 2)),
        ["sigmoid"] = model => Only(model, () => Append(model, Node("Sigmoid", [Logits], ["end"]))),
    };

    /// <summary>Models without a linear classifier before their outputs, and the number of those.</summary>
    public static readonly IReadOnlyDictionary<string, (Action<ModelProto> Change, int Outputs)> Headless = new Dictionary<
        string,
        (Action<ModelProto>, int)
    >
    {
        ["features alone"] = (
            model =>
            {
                model.Graph.Output.Clear();
                model.Graph.Node.Remove(Gemm(model));
                Output(model, Features);
            },
            6
        ),
        ["rectified logits"] = (model => Only(model, () => Append(model, Node("Relu", [Logits], ["end"]))), 10),
        ["mean of two classifiers"] = (
            model =>
                Only(
                    model,
                    () =>
                    {
                        Append(model, Node("Neg", [Features], ["negative"]));
                        Append(model, Node("Gemm", ["negative", Weight, "head.bias"], ["other"], ("transB", 1)));
                        Append(model, Node("Sum", [Logits, "other"], ["end"]));
                    }
                ),
            10
        ),
    };

    /// <summary>Models that can't be read rightly, and what the refusal says.</summary>
    public static readonly IReadOnlyDictionary<string, (Action<ModelProto> Change, string Refusal)> Unfit = new Dictionary<
        string,
        (Action<ModelProto>, string)
    >
    {
        ["two classifiers"] = (TwoHeads, "expected one output of N × C numbers, or its name as FILE#/NAME (docs/export.md), found outputs"),
        ["a layer in two parts"] = (
            model =>
            {
                model.Graph.Initializer.Add([Integers("zero", 0), Integers("half", 5), Integers("end", 10), Integers("axis", 1)]);
                Append(model, Node("Slice", [Logits, "zero", "half", "axis"], ["a"]));
                Append(model, Node("Slice", [Logits, "half", "end", "axis"], ["b"]));
                model.Graph.Output.Clear();
                Output(model, "a");
                Output(model, "b");
            },
            "found outputs a N × 5, b N × 5"
        ),
        ["batch statistics"] = (
            model =>
                Only(
                    model,
                    () =>
                    {
                        Append(model, Node("ReduceMean", [Logits], ["mean"], ("axes", (long[])[0])));
                        Append(model, Node("Sub", [Logits, "mean"], ["end"]));
                    }
                ),
            "exported in training mode; call model.eval()"
        ),
        ["dropout that drops"] = (
            model =>
                Only(
                    model,
                    () =>
                    {
                        Append(model, Node("RandomNormalLike", [Logits], ["noise"]));
                        Append(model, Node("Add", [Logits, "noise"], ["end"]));
                    }
                ),
            "exported in training mode; call model.eval()"
        ),
        ["two inputs"] = (
            model =>
            {
                var other = model.Graph.Input[0].Clone();
                other.Name = "other";
                model.Graph.Input.Add(other);
                Only(model, () => Append(model, Node("Identity", [Logits], ["end"])));
            },
            "expected a model with one input, the images, found 2: views, other; export it with the others as constants"
        ),
        ["one number per image"] = (
            model => Only(model, () => Append(model, Node("ReduceMax", [Logits], ["end"], ("axes", (long[])[1])))),
            "expected an output of N × C numbers, one per class (docs/export.md says how to export one), found outputs end N × 1"
        ),
        ["views that are not square"] = (
            model => model.Graph.Input[0].Type.TensorType.Shape.Dim[3].DimValue = 24,
            "expected an input of square views, found 16 × 24"
        ),
    };

    private const float QuantizedScale = 64;

    /// <summary>Rounds the classifier's weights to what 8 and 16 bits hold.</summary>
    public static void Round(ModelProto model) =>
        Store(
            model,
            Weight,
            Float,
            [
                .. Values(model, Weight)
                    .SelectMany(value =>
                        BitConverter.GetBytes(
                            Math.Clamp(MathF.Round(value * QuantizedScale), sbyte.MinValue, sbyte.MaxValue) / QuantizedScale
                        )
                    ),
            ]
        );

    /// <summary>The same classifier for bytes, which it scales to 0…1 and normalises by nothing.</summary>
    public static void TakeBytes(ModelProto model)
    {
        model.Graph.Input[0].Type.TensorType.ElemType = Byte;
        model.Graph.Initializer.Add(Number("levels", 255));
        Feed(model, Node("Cast", ["views"], ["bytes"], ("to", Float)));
        var at = model.Graph.Node.Count;
        foreach (var node in model.Graph.Node.Where(node => node.Input.Contains("bytes")))
            node.Input[node.Input.IndexOf("bytes")] = "scaled";
        model.Graph.Node.Insert(1, Node("Div", ["bytes", "levels"], ["scaled"]));
    }

    /// <summary>Gives the model a second classifier, of the negative features.</summary>
    public static void TwoHeads(ModelProto model)
    {
        Append(model, Node("Neg", [Features], ["negative"]));
        Append(model, Node("Gemm", ["negative", Weight, "head.bias"], ["auxiliary"], ("transB", 1)));
        Output(model, "auxiliary", first: true);
    }

    private static NodeProto Gemm(ModelProto model) => model.Graph.Node.Single(node => node.OpType == "Gemm");

    private static void Append(ModelProto model, NodeProto node) => model.Graph.Node.Add(node);

    private static void Only(ModelProto model, Action change)
    {
        change();
        model.Graph.Output.Clear();
        Output(model, "end");
    }

    private static void Softmax(ModelProto model, string name, float temperature = 1)
    {
        model.Graph.Initializer.Add(Number("temperature", temperature));
        Append(model, Node("Div", [Logits, "temperature"], ["cooler"]));
        Append(model, Node("Softmax", ["cooler"], [name], ("axis", 1)));
    }

    private static void Convolution(ModelProto model, long repeats)
    {
        model.Graph.Initializer.Add([
            Integers("map", 0, 6, 1, 1),
            Integers("kernel", 10, 6, 1, 1),
            Integers("repeats", 1, 1, repeats, repeats),
        ]);
        model.Graph.Node.Remove(Gemm(model));
        Append(model, Node("Reshape", [Features, "map"], ["pixel"]));
        Append(model, Node("Tile", ["pixel", "repeats"], ["pixels"]));
        Append(model, Node("Reshape", [Weight, "kernel"], ["kernels"]));
        Append(model, Node("Conv", ["pixels", "kernels", "head.bias"], ["maps"]));
        Append(model, Node("GlobalAveragePool", ["maps"], ["pooled"]));
        Append(model, Node("Flatten", ["pooled"], [Logits]));
    }

    private static void ChannelsLast(ModelProto model)
    {
        Feed(model, Node("Transpose", ["views"], ["fed"], ("perm", (long[])[0, 3, 1, 2])));
        var dimensions = model.Graph.Input[0].Type.TensorType.Shape.Dim;
        (dimensions[1], dimensions[3]) = (dimensions[3].Clone(), dimensions[1].Clone());
    }

    /// <summary>Puts a node between the input and what uses it.</summary>
    private static void Feed(ModelProto model, NodeProto node)
    {
        foreach (var user in model.Graph.Node.Where(user => user.Input.Contains("views")))
            user.Input[user.Input.IndexOf("views")] = node.Output[0];
        model.Graph.Node.Insert(0, node);
    }

    /// <summary>Puts a node before one of the only node of a type.</summary>
    private static void Before(ModelProto model, string type, NodeProto node, int input)
    {
        var user = model.Graph.Node.Single(other => other.OpType == type);
        user.Input[input] = node.Output[0];
        model.Graph.Node.Insert(model.Graph.Node.IndexOf(user), node);
    }

    private static void Output(ModelProto model, string name, int type = Float, bool first = false) =>
        model.Graph.Output.Insert(
            first ? 0 : model.Graph.Output.Count,
            new ValueInfoProto
            {
                Name = name,
                Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = type } },
            }
        );

    private static float[] Values(ModelProto model, string name)
    {
        var bytes = model.Graph.Initializer.Single(tensor => tensor.Name == name).RawData.ToByteArray();
        return [.. Enumerable.Range(0, bytes.Length / sizeof(float)).Select(i => BitConverter.ToSingle(bytes, i * sizeof(float)))];
    }

    private static void Store(ModelProto model, string name, int type, byte[] bytes)
    {
        var tensor = model.Graph.Initializer.Single(tensor => tensor.Name == name);
        (tensor.DataType, tensor.RawData) = (type, ByteString.CopyFrom(bytes));
    }

    private static TensorProto Number(string name, float value) =>
        new()
        {
            Name = name,
            DataType = Float,
            RawData = ByteString.CopyFrom(BitConverter.GetBytes(value)),
        };

    private static TensorProto Integers(string name, params long[] values) =>
        new()
        {
            Name = name,
            DataType = Long,
            Dims = { values.Length },
            RawData = ByteString.CopyFrom([.. values.SelectMany(BitConverter.GetBytes)]),
        };

    private static NodeProto Node(string type, string[] inputs, string[] outputs, params (string Name, object Value)[] attributes)
    {
        const int integer = 2,
            integers = 7;
        NodeProto node = new()
        {
            OpType = type,
            Input = { inputs },
            Output = { outputs },
        };
        foreach (var (name, value) in attributes)
            node.Attribute.Add(
                value is long[] several
                    ? new AttributeProto
                    {
                        Name = name,
                        Type = integers,
                        Ints = { several },
                    }
                    : new AttributeProto
                    {
                        Name = name,
                        Type = integer,
                        I = (int)value,
                    }
            );
        return node;
    }
}
