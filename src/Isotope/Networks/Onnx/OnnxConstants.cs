using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace Isotope.Networks.Onnx;

/// <summary>
/// Values of a graph that are the same for all images. ONNX Runtime computes them, so weights may be stored in any way that it knows:
/// as float16, quantized, transposed, normalised.
/// </summary>
internal sealed class OnnxConstants(OnnxFile file, OnnxGraph graph)
{
    private const int Float32 = 1;
    private const string Name = "isotope_constant";

    /// <summary>The value as floats, in the current dispose scope; null if there is no constant of this name.</summary>
    /// <exception cref="IsotopeException">ONNX Runtime can't compute it.</exception>
    public Tensor? Get(string name)
    {
        if (!graph.IsConstant(name))
            return null;
        return OnnxSession.Try(
            file.Path,
            () =>
            {
                using var session = OnnxSession.Start(Program(name), file.External.Folder);
                using RunOptions options = new();
                using var results = session.Run(options, Array.Empty<string>(), Array.Empty<OrtValue>(), [Name]);
                return OnnxSession.ToTensor(results[0]);
            }
        );
    }

    /// <summary>The model with what this constant needs, and no more.</summary>
    private ModelProto Program(string name)
    {
        ModelProto model = new() { IrVersion = graph.Model.IrVersion, Graph = new GraphProto() };
        model.OpsetImport.Add(graph.Model.OpsetImport);
        model.Functions.Add(graph.Model.Functions);
        var nodes = graph.NodesBefore(name);
        var used = nodes.SelectMany(node => node.Input).Append(name).ToHashSet(StringComparer.Ordinal);
        model.Graph.Initializer.Add(graph.Model.Graph.Initializer.Where(tensor => used.Contains(tensor.Name)));
        model.Graph.Node.Add(nodes);
        NodeProto cast = new()
        {
            OpType = "Cast",
            Input = { name },
            Output = { Name },
        };
        const int integer = 2;
        cast.Attribute.Add(
            new AttributeProto
            {
                Name = "to",
                I = Float32,
                Type = integer,
            }
        );
        model.Graph.Node.Add(cast);
        model.Graph.Output.Add(new ValueInfoProto { Name = Name });
        return model;
    }
}
