using Google.Protobuf;
using Isotope.Networks.Onnx;
using TorchSharp.Modules;
using static TorchSharp.torch;
using BatchNorm = Isotope.Networks.Architectures.BatchNorm;

namespace Isotope.Tests.Networks;

/// <summary>Writes a <see cref="SmallNetworks.SmallVgg"/> as PyTorch's exporter would, for tests of ONNX models.</summary>
internal sealed class OnnxExport
{
    private const int Float = 1;
    private readonly GraphProto graph = new();
    private string last = "views";

    public static void Save(SmallNetworks.SmallVgg network, int size, string path)
    {
        var export = new OnnxExport();
        export.graph.Input.Add(new ValueInfoProto { Name = export.last, Type = TypeOf(size) });
        foreach (var layer in network.Convolutions.children())
            export.Add(layer);
        export.Add("Flatten", []);
        export.Add("Gemm", [("transB", 1)], network.Hidden.weight!, network.Hidden.bias!);
        export.Add("Relu", []);
        export.Add("Gemm", [("transB", 1)], network.Head.weight!, network.Head.bias!);
        export.graph.Output.Add(new ValueInfoProto { Name = export.last });
        var model = new ModelProto { IrVersion = 8, Graph = export.graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = 13 });
        File.WriteAllBytes(path, model.ToByteArray());
    }

    private void Add(nn.Module layer)
    {
        switch (layer)
        {
            case Conv2d convolution:
                Add("Conv", [("pads", (long[])[1, 1, 1, 1])], convolution.weight!, convolution.bias!);
                break;
            case BatchNorm norm:
                Add("BatchNormalization", [], norm.weight, norm.bias, norm.running_mean, norm.running_var);
                break;
            case ReLU:
                Add("Relu", []);
                break;
            case MaxPool2d:
                Add("MaxPool", [("kernel_shape", (long[])[2, 2]), ("strides", (long[])[2, 2])]);
                break;
            default:
                throw new ArgumentException($"no ONNX for {layer.GetName()}", nameof(layer));
        }
    }

    private void Add(string type, (string Name, Numbers Value)[] attributes, params Tensor[] weights)
    {
        var node = new NodeProto { OpType = type, Input = { last } };
        foreach (var weight in weights)
            node.Input.Add(Initializer(weight));
        foreach (var (name, value) in attributes)
            node.Attribute.Add(value.Named(name));
        node.Output.Add(last = $"{graph.Node.Count}");
        graph.Node.Add(node);
    }

    private string Initializer(Tensor weight)
    {
        var name = $"w{graph.Initializer.Count}";
        var tensor = new TensorProto
        {
            Name = name,
            DataType = Float,
            RawData = ByteString.CopyFrom(weight.detach().contiguous().bytes),
        };
        tensor.Dims.AddRange(weight.shape);
        graph.Initializer.Add(tensor);
        return name;
    }

    private static TypeProto TypeOf(int size)
    {
        TensorShapeProto shape = new() { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "batch" } } };
        foreach (var side in new[] { 3, size, size })
            shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = side });
        return new TypeProto
        {
            TensorType = new TypeProto.Types.Tensor { ElemType = Float, Shape = shape },
        };
    }

    /// <summary>An attribute's value: a number or several.</summary>
    private readonly record struct Numbers(long[] Values, bool Single)
    {
        public static implicit operator Numbers(int value) => new([value], Single: true);

        public static implicit operator Numbers(long[] values) => new(values, Single: false);

        public AttributeProto Named(string name)
        {
            const int one = 2;
            const int several = 7;
            AttributeProto attribute = new() { Name = name, Type = Single ? one : several };
            if (Single)
                attribute.I = Values[0];
            else
                attribute.Ints.AddRange(Values);
            return attribute;
        }
    }
}
