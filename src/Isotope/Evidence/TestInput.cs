using System.Text.Json.Serialization;
using Isotope.Datasets;
using Isotope.Files;
using Isotope.Networks;

namespace Isotope.Evidence;

/// <summary>Something that a test took in.</summary>
/// <param name="Name">What it was to the test: the option's name without its dashes.</param>
/// <param name="Path">Where it was, for people; it does not make the input.</param>
/// <param name="Sha256">Hash of the file; for images of all ids and contents.</param>
/// <param name="Architecture">For networks: as it was recognised.</param>
/// <param name="ListingSha256">For images: hash of their ids.</param>
/// <param name="Images">For images: how many.</param>
public sealed record TestInput(
    string Name,
    string Path,
    string Sha256,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Architecture = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ListingSha256 = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Images = null
)
{
    /// <summary>The <see cref="Name"/> of the marking network.</summary>
    public const string MarkingNetwork = "marking-network";

    /// <summary>That of an owner's own model; <see cref="ReferenceName"/> counts several.</summary>
    public const string ReferenceNetwork = "reference-network";

    /// <summary>That of the vanilla images of a white-box test, and of a test's suspected images.</summary>
    public const string TestImages = "images";

    /// <summary>That of the query images of a black-box test.</summary>
    public const string QueryImages = "queries";

    /// <summary>That of what was marked.</summary>
    public const string MarkedManifest = "manifest";

    /// <summary>What a reference is called, counted from 0.</summary>
    public static string ReferenceName(int index) => index == 0 ? ReferenceNetwork : $"{ReferenceNetwork} {index + 1}";

    /// <summary>A file.</summary>
    /// <exception cref="IsotopeException">It can't be read.</exception>
    public static TestInput File(string name, string path) => new(name, path, Hashes.OfFile(path));

    /// <summary>A network, by the hash of its file.</summary>
    /// <exception cref="IsotopeException">It is of no file, or was changed since.</exception>
    public static TestInput Of(string name, string reference, Network network) =>
        network.Sha256 is { } hash
            ? new(name, reference, hash, network.Architecture)
            : throw new IsotopeException(
                $"{name} {reference}: expected a network as a file has it, which others can test, found one in memory; save and load it"
            );

    /// <summary>Images, by their ids and contents.</summary>
    /// <exception cref="IsotopeException">One can't be read.</exception>
    public static TestInput Of(string name, Dataset images, CancellationToken cancellation = default) =>
        new(name, images.Root, images.ContentsSha256(cancellation), ListingSha256: images.ListingSha256(), Images: images.Images.Count);
}
