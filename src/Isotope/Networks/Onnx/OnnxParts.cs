namespace Isotope.Networks.Onnx;

/// <summary>All nodes and tensors of a model, including those inside loops, branches and functions.</summary>
internal sealed class OnnxParts
{
    /// <summary>Collects the parts of a model.</summary>
    public OnnxParts(ModelProto model)
    {
        Add(model.Graph);
        foreach (var function in model.Functions)
            Add(function.Node);
    }

    public List<NodeProto> Nodes { get; } = [];

    public List<TensorProto> Tensors { get; } = [];

    private void Add(GraphProto graph)
    {
        Tensors.AddRange(graph.Initializer);
        foreach (var sparse in graph.SparseInitializer)
            Add(sparse);
        Add(graph.Node);
    }

    private void Add(IEnumerable<NodeProto> nodes)
    {
        foreach (var node in nodes)
        {
            Nodes.Add(node);
            foreach (var attribute in node.Attribute)
                Add(attribute);
        }
    }

    private void Add(AttributeProto attribute)
    {
        if (attribute.T is not null)
            Tensors.Add(attribute.T);
        Tensors.AddRange(attribute.Tensors);
        if (attribute.SparseTensor is not null)
            Add(attribute.SparseTensor);
        foreach (var sparse in attribute.SparseTensors)
            Add(sparse);
        if (attribute.G is not null)
            Add(attribute.G);
        foreach (var graph in attribute.Graphs)
            Add(graph);
    }

    private void Add(SparseTensorProto sparse)
    {
        if (sparse.Values is not null)
            Tensors.Add(sparse.Values);
        if (sparse.Indices is not null)
            Tensors.Add(sparse.Indices);
    }
}
