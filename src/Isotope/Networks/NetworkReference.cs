using Isotope.Files;
using Isotope.Networks.Architectures;

namespace Isotope.Networks;

/// <summary>
/// A network as the user names it: <c>FILE</c>, <c>ARCHITECTURE:FILE</c>, or either with <c>#PART</c>: the weights' key in a checkpoint
/// that holds several networks, or the classifier's layer of a TorchScript file.
/// </summary>
/// <param name="Architecture">The architecture the file must have; null if not given.</param>
/// <param name="Path">The file.</param>
/// <param name="Layer">The part; null if not given.</param>
public sealed record NetworkReference(string? Architecture, string Path, string? Layer)
{
    private static readonly string[] Weights = ["*.safetensors", "*.bin", "*.onnx", "*.pth", "*.pt", "*.ckpt"];

    /// <summary>
    /// Parses a reference. If a file has exactly this name, the reference means that file, whatever characters are in its name.
    /// </summary>
    public static NetworkReference Parse(string reference)
    {
        var exists = File.Exists(reference);
        var colon = reference.IndexOf(':');
        var hash = HashIn(reference);
        if (!exists && hash > 0 && (colon < 0 || File.Exists(reference[..hash])))
            return new NetworkReference(null, reference[..hash], reference[(hash + 1)..]);
        if (colon > 0 && (!exists || Catalogue.Contains(reference[..colon])))
            return new NetworkReference(reference[..colon], reference[(colon + 1)..], null).WithPart();
        return new NetworkReference(null, reference, null);
    }

    /// <summary>Where the part begins: at the first # behind a file's name, since keys may contain more; else at the last.</summary>
    private static int HashIn(string text)
    {
        for (var hash = text.IndexOf('#'); hash >= 0; hash = text.IndexOf('#', hash + 1))
            if (File.Exists(text[..hash]))
                return hash;
        return text.LastIndexOf('#');
    }

    /// <summary>The same, its path split where the part begins if no file has exactly this name.</summary>
    private NetworkReference WithPart()
    {
        var hash = HashIn(Path);
        return hash > 0 && !File.Exists(Path) && File.Exists(Path[..hash])
            ? this with
            {
                Path = Path[..hash],
                Layer = Path[(hash + 1)..],
            }
            : this;
    }

    /// <summary>The exception for a folder, which names the file in it that is probably meant.</summary>
    internal static IsotopeException IsFolder(string path)
    {
        var weights = Weights.SelectMany(pattern => Directory.EnumerateFiles(path, pattern).Order(StringComparer.Ordinal)).FirstOrDefault();
        return new IsotopeException(
            $"{path}: expected a file of weights{(weights is null ? "" : $", such as {Printable.Start(weights)}")}, found a folder"
        );
    }

    /// <summary>The same reference to another file.</summary>
    public NetworkReference At(string path) => this with { Path = path };

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString()
    {
        var prefix = Architecture is null ? "" : $"{Architecture}:";
        var suffix = Layer is null ? "" : $"#{Layer}";
        return prefix + Path + suffix;
    }
}
