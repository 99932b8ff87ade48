using Isotope.Files;

namespace Isotope.Networks.Checkpoints;

/// <summary>Reads the weights of a network from an untrusted file, and writes them.</summary>
internal static class Checkpoint
{
    /// <summary>
    /// Reads a checkpoint in safetensors, PyTorch's zip format (since 1.6) or its legacy format, recognised by content. In PyTorch's
    /// formats weights may lie anywhere, also inside a whole model: <see cref="TorchObject.LoadWeights"/> says which are taken. Objects of
    /// Python's classes stay inert, and nothing in the file is run. The prefixes <c>module.</c> (DataParallel) and <c>_orig_mod.</c>
    /// (compiled) are removed if every name has them.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="part">Which weights of a pickle: the key they lie under, or a prefix of their names. Default: they are found.</param>
    /// <exception cref="IsotopeException">
    /// The file is missing, damaged, of another kind (TorchScript and ONNX too), or holds several networks or none.
    /// </exception>
    public static StateDict Load(string path, string? part = null)
    {
        var weights = UntrustedFile.Read(
            path,
            stream =>
                FileKind.Of(stream) switch
                {
                    FileKind.Safetensors => Safetensors.Read(stream).Under(part),
                    FileKind.Zip => TorchZip.Open(stream).LoadWeights(part),
                    FileKind.Pickle => TorchLegacy.Open(stream).LoadWeights(part),
                    FileKind.Numpy => NumpyFile.Open(stream).LoadWeights(part),
                    var kind => throw FileKind.Other(kind),
                }
        );
        weights.StripPrefixes("module.", "_orig_mod.");
        return weights;
    }

    /// <summary>
    /// Writes weights to a new file: as safetensors with their metadata, or in PyTorch's zip format, which has no place for metadata.
    /// Element types stay the same.
    /// </summary>
    /// <param name="weights">The weights, for example from <see cref="Load"/>.</param>
    /// <param name="path">A new file. Its extension gives the format: .safetensors, or .pth, .pt or .th.</param>
    /// <exception cref="IsotopeException">The file exists, has another extension, or can't be written.</exception>
    public static void Save(StateDict weights, string path)
    {
        AtomicFile.RequireNew(path, "weights are never overwritten");
        if (IsSafetensors(path))
            Safetensors.Save(path, weights, weights.Metadata);
        else if (Path.GetExtension(path).ToLowerInvariant() is ".pth" or ".pt" or ".th")
            TorchFile.Save(path, weights);
        else
            throw new IsotopeException($"{path}: expected the extension .safetensors, .pth, .pt or .th, found '{Path.GetExtension(path)}'");
    }

    /// <summary>Whether <see cref="Save"/> writes safetensors to a file of this name.</summary>
    public static bool IsSafetensors(string path) => Path.GetExtension(path).Equals(".safetensors", StringComparison.OrdinalIgnoreCase);
}
