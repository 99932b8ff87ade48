using Microsoft.ML.OnnxRuntime;

namespace Isotope.Networks.Onnx;

/// <summary>The one input of a model.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="Batch">Images at a time, where the model says so.</param>
/// <param name="Size">Side of the square views.</param>
internal sealed record OnnxInput(string Name, int? Batch, int Size)
{
    /// <exception cref="IsotopeException">Not N × 3 × S × S floats, or of a size that is unknown or not the one asked for.</exception>
    public static OnnxInput Of(InferenceSession session, string path, int? size)
    {
        if (session.InputMetadata.Count != 1)
            throw new IsotopeException($"{path}: expected a model with one input, found {session.InputMetadata.Count}");
        var (name, metadata) = session.InputMetadata.First();
        var shape = metadata.IsTensor ? metadata.Dimensions : [];
        if (metadata.ElementDataType != Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float || shape is not [_, 3 or < 0, _, _])
            throw new IsotopeException(
                $"{path}: expected an input of N × 3 × S × S floats, found {metadata.ElementDataType} [{string.Join(", ", shape)}]"
            );
        return new OnnxInput(name, shape[0] > 0 ? shape[0] : null, SizeOf(shape[2], shape[3], path, size));
    }

    private static int SizeOf(int height, int width, string path, int? asked)
    {
        if (height > 0 && width > 0 && height != width)
            throw new IsotopeException($"{path}: expected an input of square views, found {height} × {width}");
        var told = Math.Max(height, width);
        if (told > 0 && asked is { } other && told != other)
            throw new IsotopeException($"--tested-size: expected {told}, the size that {path} takes, found {other}");
        if (told > InputSpec.LargestSize)
            throw new IsotopeException($"{path}: expected views of at most {InputSpec.LargestSize} pixels, found {told}");
        return told > 0
            ? told
            : asked
                ?? throw new IsotopeException(
                    $"{path}: expected --tested-size, the side of the views in pixels, which this model leaves open"
                );
    }
}
