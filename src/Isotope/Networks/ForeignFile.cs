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
    public static Network? TryLoad(string reference, Device device, InputOverride? overrides)
    {
        var (path, layer) = Split(reference);
        if (!File.Exists(path)) return null;
        var kind = UntrustedFile.Read(path, FileKind.Of);
        if (IsScript(path)) return ScriptNetwork.Open(path, layer, device, overrides);
        if (layer is not null) throw new IsotopeException($"{reference}: expected #LAYER after a TorchScript file alone, found {kind}");
        return kind == FileKind.Protobuf ? OnnxNetwork.Open(path, device, overrides) : null;
    }

    /// <summary>Whether it is TorchScript.</summary>
    /// <exception cref="IsotopeException">It can't be read.</exception>
    public static bool IsScript(string reference)
    {
        var path = Split(reference).Path;
        return File.Exists(path) && UntrustedFile.Read(path, stream => FileKind.Of(stream) == FileKind.Zip && ScriptArchive.Recognises(stream));
    }

    private static (string Path, string? Layer) Split(string reference)
    {
        var hash = reference.LastIndexOf('#');
        return hash > 0 && !File.Exists(reference) ? (reference[..hash], reference[(hash + 1)..]) : (reference, null);
    }
}
