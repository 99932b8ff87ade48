using Isotope.Files;
using Isotope.Numerics;
using static Isotope.Files.UntrustedFile;
using static TorchSharp.torch;

namespace Isotope.Networks.Onnx;

/// <summary>The final linear layer of a graph.</summary>
/// <param name="Features">Name of its input.</param>
/// <param name="Logits">Name of its output.</param>
/// <param name="Weight">W, C × d.</param>
/// <param name="Bias">b, C; null if it has none.</param>
internal sealed record OnnxHead(string Features, string Logits, Tensor Weight, Tensor? Bias)
{
    /// <summary>Operators between the classifier and the output that keep the order of the logits.</summary>
    private static readonly HashSet<string> PassedOver = ["Softmax", "LogSoftmax", "Identity", "Reshape", "Flatten", "Squeeze"];

    /// <summary>
    /// Walks back from each output, past operators that keep the order of the logits, to a linear layer with constant weights.
    /// </summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static OnnxHead Find(OnnxFile file)
    {
        using var scope = NewDisposeScope();
        var graph = file.Model.Graph;
        OnnxConstants constants = new(file);
        Dictionary<string, NodeProto> makers = [];
        foreach (var node in graph.Node)
        foreach (var output in node.Output)
            makers.TryAdd(output, node);
        foreach (var output in graph.Output)
            if (WalkBack(output.Name, makers) is { } last && (OfGemm(last, constants) ?? OfMatMul(last, makers, constants)) is { } head)
                return head;
        var found = graph.Output.Count > 0 ? WalkBack(graph.Output[0].Name, makers)?.OpType : null;
        var elsewhere = LinearLayer.Names([.. Candidates(file).Select(layer => layer.Name)]);
        throw Unexpected(
            "a final linear layer (Gemm, or MatMul and Add, with constant weights) before the output",
            $"{Printable.Start(found ?? "nothing")}; linear layers elsewhere: {elsewhere}"
        );
    }

    /// <summary>All layers with constant matrices, named after their nodes or outputs.</summary>
    public static IReadOnlyList<LinearLayer> Candidates(OnnxFile file)
    {
        OnnxConstants constants = new(file);
        return [.. file.Model.Graph.Node.Select(node => LayerOf(node, constants)).OfType<LinearLayer>()];
    }

    private static LinearLayer? LayerOf(NodeProto node, OnnxConstants constants)
    {
        if (node is not { OpType: "Gemm" or "MatMul", Input.Count: >= 2 })
            return null;
        if (constants.ShapeOf(node.Input[1]) is not [var rows, var columns])
            return null;
        var isTransposed = node.OpType == "Gemm" && Integer(node, "transB") != 0;
        var (inputs, outputs) = isTransposed ? (columns, rows) : (rows, columns);
        var name = node.Name == "" ? node.Output.FirstOrDefault("") : node.Name;
        return new LinearLayer(Printable.Line(name), inputs, outputs, Bias: node.Input.Count > 2);
    }

    private static NodeProto? WalkBack(string name, Dictionary<string, NodeProto> makers)
    {
        var node = makers.GetValueOrDefault(name);
        for (var steps = 0; node is { Input.Count: > 0 } && PassedOver.Contains(node.OpType) && steps < makers.Count; steps++)
            node = makers.GetValueOrDefault(node.Input[0]);
        return node;
    }

    private static OnnxHead? OfGemm(NodeProto node, OnnxConstants constants)
    {
        if (node is not { OpType: "Gemm", Input.Count: >= 2, Output.Count: 1 } || Integer(node, "transA") != 0)
            return null;
        if (!constants.TryGet(node.Input[1], out var matrix) || matrix.dim() != 2)
            return null;
        var weight = (Integer(node, "transB") != 0 ? matrix : matrix.t()).Times(Number(node, "alpha"));
        Tensor? bias = null;
        if (node.Input.Count > 2 && node.Input[2] != "")
        {
            if (!constants.TryGet(node.Input[2], out bias))
                return null;
            bias = bias!.Times(Number(node, "beta"));
        }

        return Of(node.Input[0], node.Output[0], weight, bias);
    }

    private static OnnxHead? OfMatMul(NodeProto node, Dictionary<string, NodeProto> makers, OnnxConstants constants)
    {
        var product = node;
        Tensor? bias = null;
        if (node is { OpType: "Add", Input.Count: 2 })
        {
            string other;
            if (constants.TryGet(node.Input[0], out bias))
                other = node.Input[1];
            else if (constants.TryGet(node.Input[1], out bias))
                other = node.Input[0];
            else
                return null;
            product = makers.GetValueOrDefault(other);
        }

        if (product is not { OpType: "MatMul", Input.Count: 2 })
            return null;
        if (!constants.TryGet(product.Input[1], out var matrix) || matrix.dim() != 2)
            return null;
        return Of(product.Input[0], node.Output[0], matrix.t(), bias);
    }

    /// <summary>The layer, if its bias has one number per class or one for all.</summary>
    private static OnnxHead? Of(string features, string logits, Tensor weight, Tensor? bias)
    {
        var classes = weight.shape[0];
        if (bias is not null && bias.numel() != 1 && (bias.numel() != classes || bias.shape[^1] != classes))
            return null;
        return new OnnxHead(
            features,
            logits,
            weight.contiguous().MoveToOuterDisposeScope(),
            bias?.flatten().expand(classes).contiguous().MoveToOuterDisposeScope()
        );
    }

    private static long Integer(NodeProto node, string name) => Attribute(node, name)?.I ?? 0;

    private static float Number(NodeProto node, string name) => Attribute(node, name)?.F ?? 1;

    private static AttributeProto? Attribute(NodeProto node, string name) =>
        node.Attribute.FirstOrDefault(attribute => attribute.Name == name);
}
