using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Isotope.Files;
using Isotope.Networks.Checkpoints;
using static Isotope.Files.UntrustedFile;
using static TorchSharp.torch;

namespace Isotope.Networks.Onnx;

/// <summary>Float constants by name: initializers, Constant nodes, and either of these passed through Identity.</summary>
internal sealed class OnnxConstants
{
    private const int Float32 = 1;
    private readonly Dictionary<string, TensorProto> tensors = [];
    private readonly ExternalData external;

    /// <summary>Collects the constants of a model's graph.</summary>
    public OnnxConstants(OnnxFile file)
    {
        var graph = file.Model.Graph;
        external = file.External;
        foreach (var tensor in graph.Initializer)
            tensors.TryAdd(tensor.Name, tensor);
        foreach (var node in graph.Node)
        {
            var value = node.OpType switch
            {
                "Constant" => node.Attribute.FirstOrDefault(attribute => attribute.Name == "value")?.T,
                "Identity" when node.Input.Count == 1 => tensors.GetValueOrDefault(node.Input[0]),
                _ => null,
            };
            if (value is not null && node.Output.Count == 1)
                tensors.TryAdd(node.Output[0], value);
        }
    }

    /// <summary>Reads a float constant.</summary>
    /// <exception cref="InvalidDataException">Its data don't fit its shape.</exception>
    public bool TryGet(string name, [NotNullWhen(true)] out Tensor? tensor)
    {
        tensor = tensors.GetValueOrDefault(name) is { DataType: Float32 } proto ? Read(proto) : null;
        return tensor is not null;
    }

    /// <summary>Shape of a float constant; null if there is none of this name.</summary>
    public IReadOnlyList<long>? ShapeOf(string name) => tensors.GetValueOrDefault(name) is { DataType: Float32 } proto ? proto.Dims : null;

    private Tensor Read(TensorProto proto)
    {
        var raw = ExternalData.IsExternal(proto) ? external.Read(proto) : proto.RawData.Span;
        var values = raw.IsEmpty ? [.. proto.FloatData] : MemoryMarshal.Cast<byte, float>(raw).ToArray();
        if (ElementType.Count([.. proto.Dims]) != values.Length)
            throw Unexpected(
                $"{Printable.Start(proto.Name)} of shape [{string.Join(", ", proto.Dims.Take(8))}]",
                $"{values.Length} numbers"
            );
        return tensor(values, [.. proto.Dims]);
    }
}
