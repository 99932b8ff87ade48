namespace Isotope.Networks.Onnx;

/// <summary>Which node makes each value of a model's graph, and what a value depends on.</summary>
internal sealed class OnnxGraph
{
    /// <summary>Operators that give other numbers each time.</summary>
    private static readonly HashSet<string> Random =
    [
        "RandomNormal",
        "RandomUniform",
        "RandomNormalLike",
        "RandomUniformLike",
        "Bernoulli",
        "Multinomial",
    ];

    private readonly Dictionary<string, NodeProto> makers = [];
    private readonly HashSet<string> constants;

    /// <summary>Reads a graph. Its nodes are in the order of their use, as the format demands.</summary>
    public OnnxGraph(ModelProto model)
    {
        Model = model;
        constants = [.. model.Graph.Initializer.Select(tensor => tensor.Name), ""];
        Inputs = [.. model.Graph.Input.Where(input => !constants.Contains(input.Name))];
        foreach (var node in model.Graph.Node)
        {
            var isConstant = node.Input.All(constants.Contains) && !Random.Contains(node.OpType) && !node.Attribute.Any(HasGraph);
            foreach (var output in node.Output)
            {
                makers.TryAdd(output, node);
                if (isConstant)
                    constants.Add(output);
            }
        }
    }

    /// <summary>The model.</summary>
    public ModelProto Model { get; }

    /// <summary>What the model is given: its inputs without those that have a value.</summary>
    public IReadOnlyList<ValueInfoProto> Inputs { get; }

    /// <summary>Whether a value is the same for all images. It may be computed, as dequantized weights are.</summary>
    public bool IsConstant(string name) => name.Length > 0 && constants.Contains(name);

    /// <summary>The node that makes a value; null for inputs and initializers.</summary>
    public NodeProto? MakerOf(string name) => makers.GetValueOrDefault(name);

    /// <summary>All nodes that a value is computed with, in the graph's order.</summary>
    public IReadOnlyList<NodeProto> NodesBefore(string name)
    {
        HashSet<NodeProto> needed = new(ReferenceEqualityComparer.Instance);
        Stack<string> open = new([name]);
        while (open.TryPop(out var value))
            if (MakerOf(value) is { } node && needed.Add(node))
                foreach (var input in node.Input)
                    open.Push(input);
        return [.. Model.Graph.Node.Where(needed.Contains)];
    }

    /// <summary>Whether a value is computed with another one, or is it.</summary>
    public bool IsBefore(string earlier, string later) => earlier == later || NodesBefore(later).Any(node => node.Input.Contains(earlier));

    /// <summary>A node's whole number; 0, ONNX's default for those asked here, if it has none.</summary>
    public static long Integer(NodeProto node, string name) => Attribute(node, name)?.I ?? 0;

    /// <summary>A node's number; 1 if it has none.</summary>
    public static float Number(NodeProto node, string name) => Attribute(node, name)?.F ?? 1;

    private static AttributeProto? Attribute(NodeProto node, string name) =>
        node.Attribute.FirstOrDefault(attribute => attribute.Name == name);

    private static bool HasGraph(AttributeProto attribute) => attribute.G is not null || attribute.Graphs.Count > 0;
}
