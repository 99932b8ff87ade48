using System.Collections.Frozen;
using Isotope.Files;
using static Isotope.Files.UntrustedFile;
using static TorchSharp.torch;

namespace Isotope.Networks.Checkpoints;

/// <summary>An element type of weights, and its name in each format.</summary>
/// <param name="Type">The type in TorchSharp.</param>
/// <param name="Bytes">Size of an element, bytes.</param>
/// <param name="Safetensors">The <c>dtype</c> of a safetensors header.</param>
/// <param name="Storage">The class that a PyTorch pickle names for its storage.</param>
/// <param name="Onnx">The <c>data_type</c> of an ONNX tensor.</param>
internal sealed record ElementType(ScalarType Type, int Bytes, string Safetensors, string Storage, int Onnx)
{
    /// <summary>Most dimensions of a tensor. No layer comes near; a file with more is damaged or hostile.</summary>
    public const int MaxDimensions = 32;

    public static readonly IReadOnlyList<ElementType> All =
    [
        new(ScalarType.Float32, 4, "F32", "FloatStorage", 1),
        new(ScalarType.Float64, 8, "F64", "DoubleStorage", 11),
        new(ScalarType.Float16, 2, "F16", "HalfStorage", 10),
        new(ScalarType.BFloat16, 2, "BF16", "BFloat16Storage", 16),
        new(ScalarType.Int64, 8, "I64", "LongStorage", 7),
        new(ScalarType.Int32, 4, "I32", "IntStorage", 6),
        new(ScalarType.Int16, 2, "I16", "ShortStorage", 5),
        new(ScalarType.Int8, 1, "I8", "CharStorage", 3),
        new(ScalarType.Byte, 1, "U8", "ByteStorage", 2),
        new(ScalarType.Bool, 1, "BOOL", "BoolStorage", 9),
    ];

    private static readonly FrozenDictionary<string, ElementType> BySafetensors = All.ToFrozenDictionary(e => e.Safetensors);

    /// <summary>The type of a safetensors tensor.</summary>
    /// <exception cref="InvalidDataException">Isotope does not read this type.</exception>
    public static ElementType OfSafetensors(string dtype) =>
        BySafetensors.TryGetValue(dtype, out var element)
            ? element
            : throw Unexpected($"a dtype of {string.Join(", ", All.Select(e => e.Safetensors))}", $"'{Printable.Start(dtype)}'");

    /// <summary>The type of a NumPy array, such as f4, whose bytes are in the order of ours; null if Isotope does not read it.</summary>
    public static ElementType? OfNumpy(string code) =>
        All.FirstOrDefault(element =>
            code == $"{char.ToLowerInvariant(element.Safetensors[0])}{element.Bytes}" && element.Storage != "BFloat16Storage"
        );

    /// <summary>The type of an ONNX tensor; null if Isotope does not read it.</summary>
    public static ElementType? OfOnnx(int dataType) => All.FirstOrDefault(element => element.Onnx == dataType);

    /// <summary>The type of a tensor to be written.</summary>
    /// <exception cref="IsotopeException">Isotope does not write this type.</exception>
    public static ElementType Of(string name, Tensor tensor) =>
        All.FirstOrDefault(e => e.Type == tensor.dtype && !tensor.is_sparse)
        ?? throw new IsotopeException(
            $"tensor '{name}': expected dense numbers or booleans, found {(tensor.is_sparse ? "sparse " : "")}{tensor.dtype}"
        );

    /// <summary>The number of elements of a shape, which a hostile header may have made negative or too large.</summary>
    /// <exception cref="InvalidDataException">A dimension is negative, or there are too many.</exception>
    /// <exception cref="OverflowException">The product, with empty dimensions counted as 1, does not fit in 63 bits.</exception>
    public static long Count(ReadOnlySpan<long> shape)
    {
        if (shape.Length > MaxDimensions)
            throw Unexpected($"at most {MaxDimensions} dimensions", shape.Length);
        var product = 1L;
        foreach (var size in shape)
        {
            if (size < 0)
                throw Unexpected("dimensions of 0 or more", size);
            product = checked(product * Math.Max(1, size));
        }

        return shape.Contains(0) ? 0 : product;
    }
}
