namespace Isotope.Networks.Onnx;

/// <summary>
/// The way back from an output to where its numbers are made: past operators that keep one number per class and the order of classes.
/// </summary>
/// <param name="Output">Name of the output.</param>
/// <param name="Root">The value at which the way ends: the product of a linear layer, or what another operator made.</param>
/// <param name="Linear">The linear layer that made it; null if another operator did.</param>
/// <param name="Logits">The last value before softmax or sigmoid, ranking or picking; else the output itself.</param>
/// <param name="Shown">The numbers to show for this output: probabilities where it has them, else logits.</param>
/// <param name="AreProbabilities">Whether softmax or sigmoid made the shown numbers.</param>
/// <param name="Scaling">Additions and multiplications by constants between linear layer and logits, the last first.</param>
/// <param name="Part">What the output shows of the linear layer's product, if it is a part of it; else empty.</param>
/// <param name="IsRanking">Whether the output only names or picks the best classes.</param>
internal sealed record OnnxPath(
    string Output,
    string Root,
    NodeProto? Linear,
    string Logits,
    string Shown,
    bool AreProbabilities,
    IReadOnlyList<OnnxScaling> Scaling,
    string Part,
    bool IsRanking
)
{
    /// <summary>Follows an output back.</summary>
    public static OnnxPath Of(string output, OnnxGraph graph)
    {
        var path = new OnnxPath(output, output, null, output, output, AreProbabilities: false, [], "", IsRanking: false);
        HashSet<string> seen = [];
        while (seen.Add(path.Root) && graph.MakerOf(path.Root) is { Input.Count: > 0 } node && path.Back(node, graph) is { } longer)
        {
            if (longer.Linear is not null)
                return longer;
            path = longer;
        }

        return path;
    }

    private OnnxPath? Back(NodeProto node, OnnxGraph graph)
    {
        var before = node.Input[0];
        switch (node.OpType)
        {
            case "Gemm" or "MatMul" or "Conv" when node.Input.Count >= 2 && graph.IsConstant(node.Input[1]) && !graph.IsConstant(before):
                return this with { Linear = node };
            case "Identity" or "Cast" or "Dropout" or "Flatten" or "Reshape" or "Squeeze" or "Unsqueeze":
            case "ReduceMean" or "GlobalAveragePool" or "AveragePool" or "DequantizeLinear":
                return this with { Root = before };
            case "Gather" or "Slice" or "Transpose" or "Split":
                return this with { Root = before, Part = Part == "" ? Root : Part };
            case "Log" or "QuantizeLinear":
                return this with { Root = before, Logits = before, Scaling = [] };
            case "LogSoftmax": // logits too: their softmax is the model's
                return this with { Root = before, Logits = before, Scaling = [] };
            case "Softmax" or "Sigmoid":
                var shown = AreProbabilities ? Shown : Root;
                return this with { Root = before, Logits = before, Shown = shown, AreProbabilities = true, Scaling = [] };
            case "ArgMax" or "TopK":
                return this with
                {
                    Root = before,
                    Logits = before,
                    Shown = before,
                    AreProbabilities = false,
                    Scaling = [],
                    IsRanking = true,
                };
            case "Add" or "Sub" or "Mul" or "Div" when node.Input.Count == 2:
                if (OnnxScaling.Of(node, graph) is not { } scaling)
                    return null;
                return this with { Root = scaling.Operand, Scaling = [.. Scaling, scaling] };
            default:
                return null;
        }
    }
}
