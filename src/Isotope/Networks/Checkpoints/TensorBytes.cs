using static TorchSharp.torch;

namespace Isotope.Networks.Checkpoints;

/// <summary>Tensor memory from and to a stream. A span holds at most 2 GiB, so it goes in chunks and no copy is made.</summary>
internal static class TensorBytes
{
    private const long ChunkBytes = 1 << 26;

    /// <summary>A new one-dimensional tensor with the next bytes of <paramref name="stream"/>.</summary>
    /// <exception cref="EndOfStreamException">There are too few.</exception>
    public static Tensor Read(Stream stream, ElementType element, long count)
    {
        // Any byte but 0 and 1 in a bool is undefined behaviour in libtorch: read bytes and let it convert them.
        bool isBool = element.Type == ScalarType.Bool;
        Tensor flat = empty(count, dtype: isBool ? ScalarType.Byte : element.Type, device: CPU);
        using (var scope = NewDisposeScope())
            foreach (Tensor chunk in Chunks(flat))
                stream.ReadExactly(chunk.bytes);
        return isBool ? flat.to(ScalarType.Bool) : flat;
    }

    /// <summary>Writes the elements of <paramref name="tensor"/> in row-major order, whatever its strides and device.</summary>
    public static void Write(Stream stream, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        foreach (Tensor chunk in Chunks(tensor.detach().cpu().contiguous()))
            stream.Write(chunk.bytes);
    }

    private static IEnumerable<Tensor> Chunks(Tensor contiguous)
    {
        long count = contiguous.NumberOfElements,
            step = ChunkBytes / contiguous.ElementSize;
        Tensor flat = contiguous.view(count);
        for (long start = 0; start < count; start += step)
            yield return flat.narrow(0, start, Math.Min(step, count - start));
    }
}
