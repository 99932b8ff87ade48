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
        return IsOnnx(path, kind) ? OnnxNetwork.Open(path, layer, device, overrides) : null;
    }

    /// <summary>
    /// Whether a file is ONNX. A protobuf has no signature, and its fields may be in any order; so the name counts where the first bytes
    /// tell nothing.
    /// </summary>
    public static bool IsOnnx(string path, string kind) =>
        kind == FileKind.Protobuf
        || (kind == FileKind.Unknown && Path.GetExtension(path).Equals(".onnx", StringComparison.OrdinalIgnoreCase));

    /// <summary>The side of the views of a file that does not state it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="why">Who does not state it, for people.</param>
    /// <param name="overrides">What the user says.</param>
    /// <exception cref="IsotopeException">The user does not say it.</exception>
    public static int SizeOf(string path, string why, InputOverride? overrides)
    {
        return overrides?.Size
            ?? throw new IsotopeException($"{path}: expected the side of its views, as in --tested-input size=32, which {why}");
    }

    /// <summary>Whether a file is TorchScript; false if it does not exist.</summary>
    /// <exception cref="IsotopeException">The file can't be read.</exception>
    public static bool IsScript(string path) =>
        File.Exists(path)
        && UntrustedFile.Read(path, stream => FileKind.Of(stream) == FileKind.Zip && ZipRecords.AreScript(ZipRecords.Read(stream).Keys));
}
