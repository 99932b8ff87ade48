using Isotope.Pickles;
using static Isotope.Files.UntrustedFile;

namespace Isotope.Networks.Checkpoints;

/// <summary>A tensor of a checkpoint before it is loaded: a view of a storage, checked to stay inside it.</summary>
/// <param name="Storage">The storage with its elements.</param>
/// <param name="Offset">Position of the first element, in elements.</param>
/// <param name="Size">Its shape.</param>
/// <param name="Stride">Number of elements from one index to the next, for each dimension.</param>
internal sealed record TensorReference(StorageReference Storage, long Offset, long[] Size, long[] Stride)
{
    /// <summary>Most elements of a view that repeats some, as <c>expand</c> does. No real weight comes near.</summary>
    private const long MaxRepeated = 1 << 24;

    public override string ToString() => "a tensor";

    /// <summary>PyTorch's function that makes a tensor from (storage, offset, size, stride[, requires_grad, hooks[, metadata]]).</summary>
    /// <exception cref="InvalidDataException">The arguments are malformed, or the view leaves its storage.</exception>
    /// <returns>The tensor; an inert object if its storage is of an unknown kind or attributes change its numbers.</returns>
    public static object Rebuild(object?[] arguments)
    {
        if (arguments.Length is not (4 or 6 or 7))
            throw Unexpected("a plain tensor in the pickle", "one with other arguments");
        if (arguments[0] is PickleInstance storage)
            return new PickleInstance($"a tensor with {storage.Type}");
        if (arguments is [_, _, _, _, _, _, PickleDictionary { Count: > 0 }])
            return new PickleInstance("a tensor with metadata");
        TensorReference tensor = new(
            PickleValue.As<StorageReference>(arguments[0], "a storage of a tensor"),
            PickleValue.As<long>(arguments[1], "an offset of a tensor"),
            PickleValue.Integers(arguments[2], "a shape of a tensor"),
            PickleValue.Integers(arguments[3], "strides of a tensor")
        );
        tensor.Check();
        return tensor;
    }

    /// <summary>Whether both are the same view of the same storage.</summary>
    public bool IsSame(TensorReference other) =>
        Storage == other.Storage && Offset == other.Offset && Size.SequenceEqual(other.Size) && Stride.SequenceEqual(other.Stride);

    private void Check()
    {
        var count = ElementType.Count(Size);
        if (Stride.Length != Size.Length || Offset < 0 || Stride.Any(stride => stride < 0))
            throw Unexpected(
                $"an offset and {Size.Length} strides of 0 or more",
                $"offset {Offset} and {Stride.Length} strides, the least {Stride.DefaultIfEmpty().Min()}"
            );
        if (EndOf(count) > Storage.Count)
            throw Unexpected("tensors inside of their storage", $"one that ends at {EndOf(count)} of {Storage.Count} elements");
        if (count > Math.Max(Storage.Count, MaxRepeated))
            throw Unexpected($"at most {MaxRepeated} elements of an expanded tensor", count);
    }

    // One past the last element.
    private long EndOf(long count)
    {
        var last = Offset;
        for (var i = 0; i < Size.Length && count > 0; i++)
            last = checked(last + (Size[i] - 1) * Stride[i]);
        return count == 0 ? Offset : checked(last + 1);
    }
}
