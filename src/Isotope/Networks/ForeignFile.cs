using Isotope.Files;
using Isotope.Networks.Checkpoints;
using Isotope.Networks.Onnx;
using Isotope.Networks.Scripts;
using static TorchSharp.torch;

namespace Isotope.Networks;

/// <summary>Files that bring their own architecture: TorchScript and ONNX, told apart by content.</summary>
internal static class ForeignFile
{
    /// <summary>The network of such a file, or null where <paramref name="reference"/> is a checkpoint or no file at all.</summary>
    /// <exception cref="IsotopeException">It is one, and can't be used.</exception>
    public static Network? TryLoad(NetworkReference reference, Device device, InputOverride? overrides)
    {
        var (architecture, path, layer) = reference;
        if (architecture is not null || !File.Exists(path))
            return null;
        var kind = UntrustedFile.Read(path, FileKind.Of);
        if (IsScript(path))
            return ScriptNetwork.Open(path, layer, device, overrides);
        if (layer is not null)
            throw new IsotopeException($"{reference}: expected #LAYER after a TorchScript file alone, found {kind}");
        return kind == FileKind.Protobuf ? OnnxNetwork.Open(path, device, overrides) : null;
    }

    /// <summary>Whether it is TorchScript.</summary>
    /// <exception cref="IsotopeException">It can't be read.</exception>
    public static bool IsScript(string path) =>
        File.Exists(path) && UntrustedFile.Read(path, stream => FileKind.Of(stream) == FileKind.Zip && ScriptArchive.Recognises(stream));
}
