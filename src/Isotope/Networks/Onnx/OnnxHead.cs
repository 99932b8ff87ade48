using Isotope.Files;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Networks.Onnx;

/// <summary>The final linear layer of a graph: a product with a constant matrix, or a convolution that is one.</summary>
/// <param name="Features">Name of its input.</param>
/// <param name="Weight">W, C × d, with all scaling behind it.</param>
/// <param name="Bias">b, C; null if it has none.</param>
internal sealed record OnnxHead(string Features, Tensor Weight, Tensor? Bias)
{
    private static readonly Func<Tensor, Tensor>[] Readings =
    [
        HeadCheck.Flat,
        static value => value.flatten(2).mean([2]),
        static value => value.flatten(1, -2).mean([1]),
        static value => value.flatten(1, -2).select(1, 0),
        static value => value.flatten(1, -2).select(1, -1),
    ];

    /// <summary>
    /// How a layer's input may be made N × d: as it is, as maps or tokens that the model averages behind the layer, or as the token that it
    /// picks there. <see cref="HeadCheck"/> tells which.
    /// </summary>
    public static IEnumerable<Func<Tensor, Tensor>> ReadingsOf(Tensor input) => input.dim() > 2 ? Readings : Readings.Take(1);

    /// <summary>The layer at the end of a path, in the current dispose scope; null if there is none that can be read.</summary>
    /// <exception cref="IsotopeException">ONNX Runtime can't compute its weights.</exception>
    public static OnnxHead? Of(OnnxPath path, OnnxConstants constants)
    {
        if (path.Linear is not { } node || MatrixOf(node, constants) is not { } weight || weight.shape[0] < 2)
            return null;
        var bias = BiasOf(node, weight.shape[0], constants);
        foreach (var scaling in path.Scaling.Reverse())
        {
            if (scaling.Apply(weight, bias, constants) is not { } changed)
                return null;
            (weight, bias) = changed;
        }

        var hasBias = node.Input.Count > 2 || path.Scaling.Count > 0;
        return new OnnxHead(node.Input[0], weight.contiguous(), hasBias ? bias.contiguous() : null);
    }

    /// <summary>All layers with constant matrices, named after their nodes or outputs.</summary>
    public static IReadOnlyList<LinearLayer> Candidates(OnnxGraph graph)
    {
        Dictionary<string, IReadOnlyList<long>> shapes = [];
        foreach (var tensor in graph.Model.Graph.Initializer)
            shapes.TryAdd(tensor.Name, tensor.Dims);
        foreach (var node in graph.Model.Graph.Node)
            if (StoredShape(node, shapes) is { } shape && node.Output.Count == 1)
                shapes.TryAdd(node.Output[0], shape);
        return [.. graph.Model.Graph.Node.Select(node => LayerOf(node, shapes)).OfType<LinearLayer>()];
    }

    private static Tensor? MatrixOf(NodeProto node, OnnxConstants constants)
    {
        var stored = constants.Get(node.Input[1]);
        return (node.OpType, stored?.dim()) switch
        {
            ("Gemm", 2) when OnnxGraph.Integer(node, "transA") == 0 => (
                OnnxGraph.Integer(node, "transB") != 0 ? stored! : stored!.t()
            ).Times(OnnxGraph.Number(node, "alpha")),
            ("MatMul", 2) => stored!.t(),
            ("Conv", > 2) => stored!.flatten(1),
            _ => null,
        };
    }

    private static Tensor BiasOf(NodeProto node, long classes, OnnxConstants constants)
    {
        if (node.Input.Count < 3 || constants.Get(node.Input[2]) is not { } bias || (bias.numel() != 1 && bias.numel() != classes))
            return zeros(classes);
        var factor = node.OpType == "Gemm" ? OnnxGraph.Number(node, "beta") : 1;
        return bias.flatten().expand(classes).Times(factor);
    }

    private static IReadOnlyList<long>? StoredShape(NodeProto node, Dictionary<string, IReadOnlyList<long>> shapes) =>
        node.OpType switch
        {
            "Constant" => node.Attribute.FirstOrDefault(attribute => attribute.Name == "value")?.T?.Dims,
            "Identity" or "Cast" or "DequantizeLinear" when node.Input.Count > 0 => shapes.GetValueOrDefault(node.Input[0]),
            "Transpose" when node.Input.Count > 0 && shapes.GetValueOrDefault(node.Input[0]) is [var rows, var columns] => [columns, rows],
            _ => null,
        };

    private static LinearLayer? LayerOf(NodeProto node, Dictionary<string, IReadOnlyList<long>> shapes)
    {
        if (node is not { OpType: "Gemm" or "MatMul", Input.Count: >= 2 })
            return null;
        if (shapes.GetValueOrDefault(node.Input[1]) is not [var rows, var columns])
            return null;
        var isTransposed = node.OpType == "Gemm" && OnnxGraph.Integer(node, "transB") != 0;
        var (inputs, outputs) = isTransposed ? (columns, rows) : (rows, columns);
        var name = node.Name == "" ? node.Output.FirstOrDefault("") : node.Name;
        return new LinearLayer(Printable.Line(name), inputs, outputs, Bias: node.Input.Count > 2);
    }
}
