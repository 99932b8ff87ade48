using Isotope.Files;
using Isotope.Networks.Checkpoints;
using Isotope.Networks.Onnx;
using Isotope.Networks.Scripts;
using static TorchSharp.torch;

namespace Isotope.Networks;

/// <summary>Files with an architecture of their own: TorchScript and ONNX, recognised by content.</summary>
internal static class ForeignFile
{
    /// <summary>The network in such a file; null if the file is a checkpoint or does not exist.</summary>
    /// <exception cref="IsotopeException">It is such a file and can't be used.</exception>
    public static Network? TryLoad(NetworkReference reference, Device device, InputOverride? overrides)
    {
        var (architecture, path, layer) = reference;
        if (architecture is not null || !File.Exists(path))
            return null;
        var kind = UntrustedFile.Read(path, FileKind.Of);
        if (IsScript(path))
            return ScriptNetwork.Open(path, layer, device, overrides);
        if (layer is not null && kind == FileKind.Protobuf)
            throw new IsotopeException($"{reference}: expected #PART only after a checkpoint or a TorchScript file, found {kind}");
        return kind == FileKind.Protobuf ? OnnxNetwork.Open(path, device, overrides) : null;
    }

    /// <summary>Whether a file is TorchScript; false if it does not exist.</summary>
    /// <exception cref="IsotopeException">The file can't be read.</exception>
    public static bool IsScript(string path) =>
        File.Exists(path)
        && UntrustedFile.Read(path, stream => FileKind.Of(stream) == FileKind.Zip && ZipRecords.AreScript(ZipRecords.Read(stream).Keys));
}
