using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Networks.Onnx;

/// <summary>An addition, subtraction, multiplication or division by a constant, such as a bias or a temperature.</summary>
/// <param name="Operator">Add, Sub, Mul or Div.</param>
/// <param name="Operand">The value that is changed.</param>
/// <param name="Constant">The constant's name.</param>
/// <param name="IsFirst">Whether the constant is the first operand: it minus the value.</param>
internal sealed record OnnxScaling(string Operator, string Operand, string Constant, bool IsFirst)
{
    /// <summary>What a node does; null if neither or both operands are constant, or a constant is divided by the value.</summary>
    public static OnnxScaling? Of(NodeProto node, OnnxGraph graph)
    {
        var (first, second) = (node.Input[0], node.Input[1]);
        if (graph.IsConstant(first) == graph.IsConstant(second))
            return null;
        var isFirst = graph.IsConstant(first);
        if (isFirst && node.OpType == "Div")
            return null;
        return isFirst ? new OnnxScaling(node.OpType, second, first, isFirst) : new OnnxScaling(node.OpType, first, second, isFirst);
    }

    /// <summary>The same change of a linear layer; null if the constant has neither one number nor one per class.</summary>
    /// <param name="weight">W, C × d.</param>
    /// <param name="bias">b, C.</param>
    /// <param name="constants">The graph's constants.</param>
    public (Tensor Weight, Tensor Bias)? Apply(Tensor weight, Tensor bias, OnnxConstants constants)
    {
        var classes = weight.shape[0];
        if (constants.Get(Constant) is not { } constant || (constant.numel() != 1 && constant.numel() != classes))
            return null;
        var number = constant.flatten().expand(classes);
        return (Operator, IsFirst) switch
        {
            ("Add", _) => (weight, bias.Plus(number)),
            ("Sub", false) => (weight, bias - number),
            ("Sub", true) => (weight.Times(-1), number - bias),
            ("Mul", _) => (weight * number.unsqueeze(1), bias * number),
            _ => (weight / number.unsqueeze(1), bias / number),
        };
    }
}
