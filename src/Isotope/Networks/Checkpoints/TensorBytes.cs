using static TorchSharp.torch;

namespace Isotope.Networks.Checkpoints;

/// <summary>Copies tensor memory from and to streams: in chunks, since a span holds at most 2 GiB, and without a buffer between.</summary>
internal static class TensorBytes
{
    private const long ChunkBytes = 1 << 26;

    /// <summary>A new one-dimensional tensor from the next bytes of <paramref name="stream"/>.</summary>
    /// <exception cref="EndOfStreamException">There are too few bytes.</exception>
    public static Tensor Read(Stream stream, ElementType element, long count)
    {
        // A bool other than 0 and 1 is undefined behaviour in libtorch: read bytes and let libtorch convert them.
        var isBool = element.Type == ScalarType.Bool;
        var flat = empty(count, dtype: isBool ? ScalarType.Byte : element.Type, device: CPU);
        using (var scope = NewDisposeScope())
            foreach (var chunk in Chunks(flat))
                stream.ReadExactly(chunk.bytes);
        return isBool ? flat.to(ScalarType.Bool) : flat;
    }

    /// <summary>Writes the elements of <paramref name="tensor"/> in row-major order, whatever its strides and device.</summary>
    public static void Write(Stream stream, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        foreach (var chunk in Chunks(tensor.detach().cpu().contiguous()))
            stream.Write(chunk.bytes);
    }

    private static IEnumerable<Tensor> Chunks(Tensor contiguous)
    {
        var count = contiguous.NumberOfElements;
        var step = ChunkBytes / contiguous.ElementSize;
        var flat = contiguous.view(count);
        for (long start = 0; start < count; start += step)
            yield return flat.narrow(0, start, Math.Min(step, count - start));
    }
}
