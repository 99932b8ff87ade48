using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Tensor = TorchSharp.torch.Tensor;

namespace Isotope.Networks.Onnx;

/// <summary>The one input of a model.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="Type">Its numbers: floating point, or bytes, which are grey levels.</param>
/// <param name="Batch">Images per run, if the model fixes it or they would influence each other; else null.</param>
/// <param name="Size">Side of the square views, pixels.</param>
/// <param name="ChannelsLast">Whether it takes N × S × S × 3; null if the model does not tell.</param>
internal sealed record OnnxInput(string Name, TensorElementType Type, int? Batch, int Size, bool? ChannelsLast)
{
    private const int Channels = 3;
    private const int Float32 = 1,
        Byte = 2;

    /// <summary>Whether it takes grey levels 0…255 and normalises them itself.</summary>
    public bool TakesGreyLevels { get; init; }

    /// <summary>Reads a model's input.</summary>
    /// <param name="session">The model.</param>
    /// <param name="path">Its file.</param>
    /// <param name="overrides">What the user says of it; null where there are no options for that.</param>
    /// <exception cref="IsotopeException">It is no batch of RGB views, or their size is unknown or another one.</exception>
    public static OnnxInput Of(InferenceSession session, string path, InputOverride? overrides)
    {
        if (session.InputMetadata.Count != 1)
            throw new IsotopeException(
                $"{path}: expected a model with one input, the images, found {session.InputMetadata.Count}: "
                    + $"{string.Join(", ", session.InputMetadata.Keys.Take(8).Select(name => Files.Printable.Start(name)))}; export it "
                    + "with the others as constants (docs/export.md)"
            );
        var (name, metadata) = session.InputMetadata.First();
        var shape = metadata.IsTensor ? metadata.Dimensions : [];
        if (metadata.IsTensor && shape.Length == 0)
            shape = [-1, -1, -1, -1];
        if (shape.Length != 4 || (shape[1] is not (Channels or < 0) && shape[3] is not (Channels or < 0)) || !IsRead(metadata))
            throw Unfit(path, metadata, shape);
        bool? last =
            shape[1] == Channels ? false
            : shape[3] == Channels || shape[1] > 0 ? true
            : shape[3] > 0 ? false
            : null;
        var (height, width) = last == true ? (shape[1], shape[2]) : (shape[2], shape[3]);
        if (last is null)
            (height, width) = (-1, -1);
        return new OnnxInput(name, metadata.ElementDataType, shape[0] > 0 ? shape[0] : null, SizeOf(height, width, path, overrides), last);
    }

    /// <summary>
    /// Lets a model whose first step makes floats of bytes take floats, so that pixels need not be rounded: small changes of them count.
    /// </summary>
    /// <returns>Whether the model takes grey levels, as bytes or, now, as floats.</returns>
    public static bool Widen(OnnxGraph graph)
    {
        if (graph.Inputs is not [{ Type.TensorType: { ElemType: Byte } type } input])
            return false;
        if (graph.Model.Graph.Node.Where(node => node.Input.Contains(input.Name)).All(node => node.OpType == "Cast"))
            type.ElemType = Float32;
        return true;
    }

    /// <summary>Views N × 3 × S × S as the model takes them.</summary>
    public OrtValue Value(Tensor views) => OnnxSession.FromTensor(ChannelsLast == true ? views.permute(0, 2, 3, 1) : views, Type);

    private static bool IsRead(NodeMetadata metadata) =>
        OnnxSession.IsFloat(metadata.ElementDataType) || metadata.ElementDataType == TensorElementType.UInt8;

    private static IsotopeException Unfit(string path, NodeMetadata metadata, int[] shape) =>
        new(
            $"{path}: expected an input of N × 3 × S × S or N × S × S × 3 numbers, found {metadata.ElementDataType} "
                + $"[{string.Join(", ", shape)}] (docs/export.md)"
        );

    private static int SizeOf(int height, int width, string path, InputOverride? overrides)
    {
        if (height > 0 && width > 0 && height != width)
            throw new IsotopeException(
                $"{path}: expected an input of square views, found {height} × {width}; export it for square ones (docs/export.md)"
            );
        var stated = Math.Max(height, width);
        if (stated <= 0)
            return ForeignFile.SizeOf(path, "this model leaves open", overrides);
        if (overrides?.Size is { } other && other != stated)
            throw new IsotopeException($"{path}: expected size={stated}, which it takes, found size={other}");
        if (stated > InputSpec.LargestSize)
            throw new IsotopeException($"{path}: expected views of at most {InputSpec.LargestSize} pixels, found {stated}");
        return stated;
    }
}
