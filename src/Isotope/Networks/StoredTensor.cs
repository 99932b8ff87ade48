using Isotope.Files;
using Isotope.Networks.Checkpoints;
using Isotope.Networks.Onnx;
using static TorchSharp.torch;

namespace Isotope.Networks;

/// <summary>Name, type and shape of a tensor in a file of any format.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type, by PyTorch's name.</param>
/// <param name="Shape">Its shape.</param>
internal sealed record StoredTensor(string Name, string Type, IReadOnlyList<long> Shape)
{
    private const string Weight = "weight",
        Bias = "bias";

    /// <summary>Number of elements.</summary>
    public long Count => ElementType.Count([.. Shape]);

    /// <summary>Whether training changes it by gradients: floating point, but not a running statistic of batch normalisation.</summary>
    public bool IsTrained =>
        IsFloat && !Name.EndsWith("running_mean", StringComparison.Ordinal) && !Name.EndsWith("running_var", StringComparison.Ordinal);

    private bool IsFloat => Type.Contains("float", StringComparison.Ordinal);

    public static StoredTensor Of(string name, Tensor tensor) => new(name, NameOf(tensor.dtype), tensor.shape);

    public static StoredTensor Of(KeyValuePair<string, TensorReference> tensor) =>
        new(tensor.Key, NameOf(tensor.Value.Storage.Element.Type), tensor.Value.Size);

    public static StoredTensor Of(TensorProto tensor)
    {
        var type = ElementType.OfOnnx(tensor.DataType) is { } element ? NameOf(element.Type) : $"type {tensor.DataType}";
        return new StoredTensor(tensor.Name, type, tensor.Dims);
    }

    /// <summary>The matrices named <c>NAME.weight</c> or <c>weight</c>, in the given order.</summary>
    public static IReadOnlyList<LinearLayer> LinearLayers(IReadOnlyList<StoredTensor> tensors)
    {
        var names = tensors.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        return [.. tensors.Where(IsMatrix).Select(tensor => LayerOf(tensor.Name[..^Weight.Length], tensor.Shape, names))];
    }

    private static bool IsMatrix(StoredTensor tensor) =>
        tensor is { IsFloat: true, Shape.Count: 2 } && $".{tensor.Name}".EndsWith($".{Weight}", StringComparison.Ordinal);

    private static LinearLayer LayerOf(string prefix, IReadOnlyList<long> shape, HashSet<string> names) =>
        new(Printable.Line(prefix.TrimEnd('.')), shape[1], shape[0], names.Contains(prefix + Bias));

    private static string NameOf(ScalarType type) => type is ScalarType.Byte ? "uint8" : type.ToString().ToLowerInvariant();
}
