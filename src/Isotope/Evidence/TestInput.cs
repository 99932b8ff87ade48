using System.Text.Json.Serialization;
using Isotope.Datasets;
using Isotope.Detection.Readings;
using Isotope.Files;
using Isotope.Networks;

namespace Isotope.Evidence;

/// <summary>Where an input of a test lies.</summary>
/// <param name="Name">As <see cref="TestInput.Name"/>.</param>
/// <param name="Path">Its path; for networks a <see cref="NetworkReference"/>.</param>
/// <param name="Takes">For networks: what the network takes, where its user states it.</param>
public sealed record InputPath(string Name, string Path, InputOverride? Takes = null)
{
    /// <summary>A network that is an input.</summary>
    internal static InputPath Of(string name, NetworkFile network) => new(name, network.Reference, network.Takes);

    /// <summary>The input as a network.</summary>
    internal NetworkFile File => new(Path, Takes);
}

/// <summary>Something that a test took in.</summary>
/// <param name="Name">What it was to the test: the option's name without its dashes.</param>
/// <param name="Path">Where it was, for people; it does not make the input.</param>
/// <param name="Sha256">Hash of the file; for images of all ids and contents.</param>
/// <param name="Architecture">For networks: as it was recognised.</param>
/// <param name="ListingSha256">For images: hash of their ids.</param>
/// <param name="Images">For images: how many.</param>
/// <param name="Input">For networks: how they were given images, in full.</param>
/// <param name="Reading">For networks: how they did on the vanilla images before the test; for answers: on the query images, in all of
/// their versions. Null if that was not looked at.</param>
public sealed record TestInput(
    string Name,
    string Path,
    string Sha256,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Architecture = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ListingSha256 = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Images = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] InputSpec? Input = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] NetworkReading? Reading = null
)
{
    /// <summary>The <see cref="Name"/> of the marking network.</summary>
    public const string MarkingNetwork = "marking-network";

    /// <summary>That of a suspect model's file.</summary>
    public const string TestedNetwork = "tested-network";

    /// <summary>That of a file of what a suspect model said.</summary>
    public const string Predictions = "predictions";

    /// <summary>That of the journal of what an endpoint answered.</summary>
    public const string Answers = "answers";

    /// <summary>That of the originals of suspect images.</summary>
    public const string OriginalImages = "originals";

    /// <summary>That of vanilla images that suspect images are compared with.</summary>
    public const string ReferenceImages = "reference-images";

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

    /// <summary>Whether a name is that of a reference, the first or a further one.</summary>
    internal static bool IsReference(string name) => name.StartsWith(ReferenceNetwork, StringComparison.Ordinal);

    /// <summary>Reads an input, whatever it is: its name tells.</summary>
    /// <param name="given">Its name and path.</param>
    /// <param name="environment">Where networks are loaded.</param>
    /// <exception cref="IsotopeException">It can't be read.</exception>
    public static TestInput Read(InputPath given, TestEnvironment environment)
    {
        switch (given.Name)
        {
            case TestImages or OriginalImages or ReferenceImages:
                return OfImages(given.Name, Dataset.OpenAny(given.Path), environment.Cancellation);
            case QueryImages:
                return OfFile(given.Name, QuerySet.IndexFor(given.Path));
            case Predictions or Answers or MarkedManifest:
                return OfFile(given.Name, given.Path);
            default:
                using (var network = environment.Load(given))
                    return OfNetwork(given.Name, given.Path, network);
        }
    }

    /// <summary>A file.</summary>
    /// <exception cref="IsotopeException">It can't be read.</exception>
    public static TestInput OfFile(string name, string path) => new(name, path, Hashes.OfFile(path));

    /// <summary>A network, by the hash of its file.</summary>
    /// <exception cref="IsotopeException">It is of no file, or was changed since.</exception>
    public static TestInput OfNetwork(string name, string reference, Network network, NetworkReading? reading = null) =>
        network.Sha256 is { } hash
            ? new(name, reference, hash, network.Architecture, Input: network.Input, Reading: reading)
            : throw new IsotopeException(
                $"{name} {reference}: expected a network as a file has it, which others can test, found one in memory; save and load it"
            );

    /// <summary>Images, by their ids and contents.</summary>
    /// <exception cref="IsotopeException">One can't be read.</exception>
    public static TestInput OfImages(string name, Dataset images, CancellationToken cancellation = default) =>
        new(name, images.Root, images.ContentsSha256(cancellation), ListingSha256: images.ListingSha256(), Images: images.Images.Count);
}
