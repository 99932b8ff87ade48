using Isotope.Networks.Architectures;

namespace Isotope.Networks;

/// <summary>
/// How networks are named: <c>FILE</c>, <c>ARCHITECTURE:FILE</c>, or <c>FILE#LAYER</c> for the classifier of a TorchScript file.
/// </summary>
/// <param name="Architecture">The architecture that the file is to be of; null where it was not said.</param>
/// <param name="Path">The file.</param>
/// <param name="Layer">The classifier; null where it was not said.</param>
public sealed record NetworkReference(string? Architecture, string Path, string? Layer)
{
    /// <summary>Takes a reference apart. A file of that very name is itself, whatever signs are in its name.</summary>
    public static NetworkReference Parse(string reference)
    {
        var (exists, colon, hash) = (File.Exists(reference), reference.IndexOf(':'), reference.LastIndexOf('#'));
        if (!exists && hash > 0 && (colon < 0 || File.Exists(reference[..hash])))
            return new NetworkReference(null, reference[..hash], reference[(hash + 1)..]);
        return colon > 0 && (!exists || Catalogue.Contains(reference[..colon]))
            ? new NetworkReference(reference[..colon], reference[(colon + 1)..], null)
            : new NetworkReference(null, reference, null);
    }

    /// <summary>The same with its file elsewhere.</summary>
    public NetworkReference At(string path) => this with { Path = path };

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() => $"{(Architecture is null ? "" : $"{Architecture}:")}{Path}{(Layer is null ? "" : $"#{Layer}")}";
}
