using Isotope.Files;
using static Isotope.Files.UntrustedFile;
using static TorchSharp.torch;

namespace Isotope.Networks.Checkpoints;

/// <summary>
/// The safetensors format: 8 bytes with the length of a JSON header, the header (name, type, shape and position of each tensor), then the
/// tensors' bytes without gaps.
/// </summary>
internal static class Safetensors
{
    /// <summary>Reads a safetensors file; names stay as they are.</summary>
    /// <exception cref="IsotopeException">The file is missing, damaged or of another kind.</exception>
    public static StateDict Load(string path) =>
        UntrustedFile.Read(
            path,
            stream =>
                FileKind.Of(stream) switch
                {
                    FileKind.Safetensors => Read(stream),
                    var kind => throw Unexpected(FileKind.Safetensors, kind),
                }
        );

    /// <summary>
    /// Writes tensors of any strides and device, in the given order. The same tensors give the same bytes, and the file appears whole or
    /// not at all.
    /// </summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="tensors">Dense tensors of floating point, integer or boolean type, with different names.</param>
    /// <param name="metadata">Texts for the header's <c>__metadata__</c>.</param>
    /// <exception cref="IsotopeException">A name is used twice, or a type or the file can't be written.</exception>
    public static void Save(
        string path,
        IEnumerable<KeyValuePair<string, Tensor>> tensors,
        IReadOnlyDictionary<string, string>? metadata = null
    )
    {
        IReadOnlyList<KeyValuePair<string, Tensor>> all = [.. tensors];
        var header = SafetensorsHeaderWriter.Format(all, metadata);
        AtomicFile.Write(
            path,
            stream =>
            {
                stream.Write(header);
                foreach (var (_, tensor) in all)
                    TensorBytes.Write(stream, tensor);
            }
        );
    }

    internal static StateDict Read(FileStream stream)
    {
        var header = SafetensorsHeader.Read(stream);
        using var scope = NewDisposeScope();
        OrderedDictionary<string, Tensor> tensors = [];
        foreach (var (name, element, shape, begin, _) in header.Tensors)
        {
            stream.Position = header.DataStart + begin;
            tensors.Add(name, TensorBytes.Read(stream, element, ElementType.Count(shape)).view(shape));
        }
        return new StateDict(tensors, header.Metadata);
    }
}
