using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Isotope.Networks.Onnx;

/// <summary>The one input of a model.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="Batch">Images per run, if the model fixes it; else null.</param>
/// <param name="Size">Side of the square views, pixels.</param>
internal sealed record OnnxInput(string Name, int? Batch, int Size)
{
    /// <summary>Reads a model's input.</summary>
    /// <exception cref="IsotopeException">
    /// It is not N × 3 × S × S floats, or its size is unknown or not <paramref name="size"/>.
    /// </exception>
    public static OnnxInput Of(InferenceSession session, string path, int? size)
    {
        if (session.InputMetadata.Count != 1)
            throw new IsotopeException($"{path}: expected a model with one input, found {session.InputMetadata.Count}");
        var (name, metadata) = session.InputMetadata.First();
        var shape = metadata.IsTensor ? metadata.Dimensions : [];
        if (metadata.ElementDataType != TensorElementType.Float || shape is not [_, 3 or < 0, _, _])
            throw new IsotopeException(
                $"{path}: expected an input of N × 3 × S × S floats, found {metadata.ElementDataType} [{string.Join(", ", shape)}]"
            );
        return new OnnxInput(name, shape[0] > 0 ? shape[0] : null, SizeOf(shape[2], shape[3], path, size));
    }

    private static int SizeOf(int height, int width, string path, int? given)
    {
        if (height > 0 && width > 0 && height != width)
            throw new IsotopeException($"{path}: expected an input of square views, found {height} × {width}");
        var stated = Math.Max(height, width);
        if (stated <= 0)
            return given
                ?? throw new IsotopeException(
                    $"{path}: expected the side of its views, as in --tested-input size=32, since this model leaves it open"
                );
        if (given is { } other && other != stated)
            throw new IsotopeException($"{path}: expected size={stated}, which it takes, found size={other}");
        if (stated > InputSpec.LargestSize)
            throw new IsotopeException($"{path}: expected views of at most {InputSpec.LargestSize} pixels, found {stated}");
        return stated;
    }
}
