using System.Text;
using Isotope.Pickles;

namespace Isotope.Networks.Checkpoints;

/// <summary>NumPy's arrays as tensors.</summary>
internal static class NumpyArray
{
    private const string Maker = ".multiarray._reconstruct";
    private const string MakerOfBuffers = ".numeric._frombuffer";

    /// <summary>The tensor that a pickled array is; null if it is another object, or an array of other things than numbers.</summary>
    /// <exception cref="InvalidDataException">Its bytes do not fit its shape.</exception>
    public static TensorReference? Of(PickleInstance instance)
    {
        // The state of an array is version, shape, type, whether columns come first, and the bytes.
        if (
            instance.Type.EndsWith(Maker, StringComparison.Ordinal)
            && instance.State is object?[] and [long, var shape, PickleInstance type, bool isFortran, var elements]
        )
            return Of(shape, type, isFortran, elements);
        return
            instance.Type.EndsWith(MakerOfBuffers, StringComparison.Ordinal)
            && instance.Arguments is [var buffer, PickleInstance itsType, var itsShape, string order]
            ? Of(itsShape, itsType, order == "F", buffer)
            : null;
    }

    /// <summary>A tensor of this shape over a storage of its own.</summary>
    /// <exception cref="InvalidDataException">The storage has another number of elements.</exception>
    public static TensorReference Of(StorageReference storage, long[] shape, bool isFortran)
    {
        if (ElementType.Count(shape) != storage.Count)
            throw Files.UntrustedFile.Unexpected($"{ElementType.Count(shape)} elements of an array", storage.Count);
        var strides = new long[shape.Length];
        var step = 1L;
        foreach (var i in isFortran ? Enumerable.Range(0, shape.Length) : Enumerable.Range(0, shape.Length).Reverse())
            (strides[i], step) = (step, step * Math.Max(1, shape[i]));
        return new TensorReference(storage, 0, shape, strides);
    }

    private static TensorReference? Of(object? shape, PickleInstance type, bool isFortran, object? elements)
    {
        if (ElementOf(type) is not { } element || BytesOf(elements) is not { } bytes)
            return null;
        StorageReference storage = new("of NumPy", element, bytes.Length / element.Bytes) { Inline = bytes };
        return Of(storage, PickleValue.Integers(shape, "a shape of an array"), isFortran);
    }

    // numpy.dtype('f4', False, True), whose state begins with a version and the order of bytes
    private static ElementType? ElementOf(PickleInstance type) =>
        type is { Type: "numpy.dtype", Arguments: [string code, ..], State: object?[] and [_, "<" or "|" or "=", ..] }
            ? ElementType.OfNumpy(code)
            : null;

    // Python 2 wrote bytes as text, and Python 3 writes them in old protocols as a call of encode(text, 'latin1').
    private static byte[]? BytesOf(object? elements) =>
        elements switch
        {
            byte[] bytes => bytes,
            string text => Encoding.UTF8.GetBytes(text),
            PickleInstance { Type: "_codecs.encode", Arguments: [string text, "latin1"] } => Encoding.Latin1.GetBytes(text),
            PickleInstance { Type: "builtins.bytearray" or "__builtin__.bytearray", Arguments: [var inner, ..] } => BytesOf(inner),
            _ => null,
        };
}
