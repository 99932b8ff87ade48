using Isotope.Files;

namespace Isotope.Networks.Checkpoints;

/// <summary>Reads the weights of a network from a file that need not be trusted, and writes them.</summary>
public static class Checkpoint
{
    /// <summary>
    /// Reads a checkpoint in safetensors, in PyTorch's zip format (since 1.6) or in its legacy format, which the content
    /// tells apart. In PyTorch's, weights are at the top level or under <c>state_dict</c>, <c>model_state_dict</c>,
    /// <c>model</c> or <c>net</c> (or one of these in another), the first that holds any; entries that are no tensors are
    /// ignored, and nothing in the file is run. The prefixes <c>module.</c> (DataParallel) and <c>_orig_mod.</c> (compiled)
    /// are taken off when every name has them.
    /// </summary>
    /// <exception cref="IsotopeException">
    /// The file is missing, of another kind (TorchScript and ONNX too), damaged, or asks for anything but tensors.
    /// </exception>
    public static StateDict Load(string path)
    {
        StateDict weights = UntrustedFile.Read(
            path,
            stream =>
                FileKind.Of(stream) switch
                {
                    FileKind.Safetensors => Safetensors.Read(stream),
                    FileKind.Zip => TorchZip.Open(stream).LoadWeights(),
                    FileKind.Pickle => TorchLegacy.Open(stream).LoadWeights(),
                    var kind => throw FileKind.Other(kind),
                }
        );
        weights.StripPrefixes("module.", "_orig_mod.");
        return weights;
    }

    /// <summary>
    /// Writes weights to a new file: safetensors, with their metadata, or PyTorch's zip format, which has no place for them.
    /// Element types stay.
    /// </summary>
    /// <param name="weights">Weights, such as <see cref="Load"/> gives.</param>
    /// <param name="path">A new file; its extension says the format: .safetensors, or .pth, .pt or .th.</param>
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
