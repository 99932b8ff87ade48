using Isotope.Networks.Architectures;

namespace Isotope.Networks;

/// <summary>How networks are named: <c>FILE</c>, <c>ARCHITECTURE:FILE</c>, or <c>FILE#LAYER</c> for the classifier of a TorchScript file.</summary>
/// <param name="Architecture">The architecture that the file is to be of; null where it was not said.</param>
/// <param name="Path">The file.</param>
/// <param name="Layer">The classifier; null where it was not said.</param>
public sealed record NetworkReference(string? Architecture, string Path, string? Layer)
{
    /// <summary>Takes a reference apart. A file of that very name is itself, whatever signs are in its name.</summary>
    public static NetworkReference Parse(string reference)
    {
        var colon = reference.IndexOf(':');
        if (colon > 0 && (Catalogue.Contains(reference[..colon]) || !File.Exists(reference))) return new NetworkReference(reference[..colon], reference[(colon + 1)..], null);
        var hash = reference.LastIndexOf('#');
        return hash > 0 && !File.Exists(reference) ? new NetworkReference(null, reference[..hash], reference[(hash + 1)..]) : new NetworkReference(null, reference, null);
    }

    /// <summary>The same with its file elsewhere.</summary>
    public NetworkReference At(string path) => this with { Path = path };

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() => $"{(Architecture is null ? "" : $"{Architecture}:")}{Path}{(Layer is null ? "" : $"#{Layer}")}";
}
