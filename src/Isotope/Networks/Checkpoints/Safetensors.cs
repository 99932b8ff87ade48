using Isotope.Files;
using static Isotope.Files.UntrustedFile;
using static TorchSharp.torch;

namespace Isotope.Networks.Checkpoints;

/// <summary>
/// The safetensors format: the length of a JSON header in 8 bytes, the header (name, type, shape and place of each
/// tensor), then the tensors' bytes without holes.
/// </summary>
public static class Safetensors
{
    /// <summary>Reads a safetensors file, names as they are.</summary>
    /// <exception cref="IsotopeException">The file is missing, damaged or of another kind.</exception>
    public static StateDict Load(string path) =>
        UntrustedFile.Read(
            path,
            stream =>
                FileKind.Of(stream) is FileKind.Safetensors
                    ? Read(stream)
                    : throw Unexpected($"{FileKind.Safetensors}", FileKind.Of(stream))
        );

    /// <summary>
    /// Writes tensors of any strides and device, in the given order; the same tensors make the same bytes. The file
    /// appears whole or not at all.
    /// </summary>
    /// <param name="path">The file, which is replaced if it exists.</param>
    /// <param name="tensors">Names, all different, and dense tensors of floating point, integer or boolean type.</param>
    /// <param name="metadata">Texts for the header's <c>__metadata__</c>.</param>
    /// <exception cref="IsotopeException">A name is used twice, a type can't be written, or the file can't be.</exception>
    public static void Save(
        string path,
        IEnumerable<KeyValuePair<string, Tensor>> tensors,
        IReadOnlyDictionary<string, string>? metadata = null
    )
    {
        IReadOnlyList<KeyValuePair<string, Tensor>> all = [.. tensors];
        byte[] header = SafetensorsHeaderWriter.Format(all, metadata);
        AtomicFile.Write(
            path,
            stream =>
            {
                stream.Write(header);
                foreach ((_, Tensor tensor) in all)
                    TensorBytes.Write(stream, tensor);
            }
        );
    }

    internal static StateDict Read(FileStream stream)
    {
        SafetensorsHeader header = SafetensorsHeader.Read(stream);
        using var scope = NewDisposeScope();
        OrderedDictionary<string, Tensor> tensors = [];
        foreach ((string name, ElementType element, long[] shape, long begin, _) in header.Tensors)
        {
            stream.Position = header.DataStart + begin;
            tensors.Add(name, TensorBytes.Read(stream, element, ElementType.Count(shape)).view(shape));
        }
        return new StateDict(tensors, header.Metadata);
    }
}
