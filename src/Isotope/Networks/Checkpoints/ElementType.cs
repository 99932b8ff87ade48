using System.Collections.Frozen;
using Isotope.Files;
using static Isotope.Files.UntrustedFile;
using static TorchSharp.torch;

namespace Isotope.Networks.Checkpoints;

/// <summary>An element type that weights come in, and its name in each format.</summary>
/// <param name="Type">TorchSharp's name.</param>
/// <param name="Bytes">Size of an element.</param>
/// <param name="Safetensors">The <c>dtype</c> of a safetensors header.</param>
/// <param name="Storage">The class that a PyTorch pickle names for its storage.</param>
/// <param name="Onnx">The <c>data_type</c> of an ONNX tensor.</param>
internal sealed record ElementType(ScalarType Type, int Bytes, string Safetensors, string Storage, int Onnx)
{
    /// <summary>No layer comes near; a file with more is damaged or hostile.</summary>
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

    /// <exception cref="InvalidDataException">Isotope does not read this type.</exception>
    public static ElementType OfSafetensors(string dtype) =>
        BySafetensors.TryGetValue(dtype, out ElementType? element)
            ? element
            : throw Unexpected($"a dtype of {string.Join(", ", All.Select(e => e.Safetensors))}", $"'{Printable.Start(dtype)}'");

    /// <summary>The type of an ONNX tensor; null where Isotope does not read it.</summary>
    public static ElementType? OfOnnx(int dataType) => All.FirstOrDefault(element => element.Onnx == dataType);

    /// <exception cref="IsotopeException">Isotope does not write this type.</exception>
    public static ElementType Of(string name, Tensor tensor) =>
        All.FirstOrDefault(e => e.Type == tensor.dtype && !tensor.is_sparse)
        ?? throw new IsotopeException(
            $"tensor '{name}': expected dense numbers or booleans, found {(tensor.is_sparse ? "sparse " : "")}{tensor.dtype}"
        );

    /// <summary>The product of a shape, refusing what a hostile header may hold: negative or overflowing dimensions.</summary>
    /// <exception cref="InvalidDataException">A dimension is negative, or there are too many.</exception>
    /// <exception cref="OverflowException">The product, with empty dimensions counted as 1, does not fit.</exception>
    public static long Count(ReadOnlySpan<long> shape)
    {
        if (shape.Length > MaxDimensions)
            throw Unexpected($"at most {MaxDimensions} dimensions", shape.Length);
        long product = 1;
        foreach (long size in shape)
            product = checked(product * Math.Max(1, size >= 0 ? size : throw Unexpected("dimensions of 0 or more", size)));
        return shape.Contains(0) ? 0 : product;
    }
}
