using System.CommandLine;
using Isotope.Datasets;
using Isotope.Evidence;
using Isotope.Networks;
using static TorchSharp.torch;

namespace Isotope.Cli.Commands;

/// <summary>Options for the inputs of tests that are the owner's choice: committed to before a test, given again after it.</summary>
internal sealed class OwnersInputs(string imagesDescription)
{
    private readonly Option<string?> marking = new($"--{TestInput.MarkingNetwork}")
    {
        Description = "The marking network: FILE or ARCHITECTURE:FILE",
    };
    private readonly Option<string[]> references = new($"--{TestInput.ReferenceNetwork}")
    {
        Description = "The owner's own models of tests, in their order; one option each",
    };
    private readonly Option<string?> images = new($"--{TestInput.TestImages}") { Description = imagesDescription };
    private readonly Option<string?> queries = new($"--{TestInput.QueryImages}") { Description = "The query images of black-box tests" };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[marking, references, images, queries])
            command.Add(option);
    }

    public string[] References(ParseResult parsed) => parsed.GetValue(references) ?? [];

    /// <summary>The names of those that are given.</summary>
    public IEnumerable<string> Names(ParseResult parsed) => Given(parsed).Select(given => given.Name);

    /// <summary>Reads those that are given.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="device">Where networks are loaded.</param>
    /// <param name="cancellation">Checked at every image.</param>
    /// <exception cref="IsotopeException">One can't be read.</exception>
    public IEnumerable<TestInput> Read(ParseResult parsed, Device device, CancellationToken cancellation) =>
        Given(parsed)
            .Select(given =>
                given.Name switch
                {
                    TestInput.TestImages => TestInput.Of(given.Name, Dataset.OpenAny(given.Path), cancellation),
                    TestInput.QueryImages => BlackBoxJob.IndexOf(given.Path),
                    _ => OfNetwork(given.Name, given.Path, device),
                }
            );

    private static TestInput OfNetwork(string name, string reference, Device device)
    {
        using var network = Network.Load(reference, device);
        return TestInput.Of(name, reference, network);
    }

    private IEnumerable<(string Name, string Path)> Given(ParseResult parsed)
    {
        if (parsed.GetValue(marking) is { } network)
            yield return (TestInput.MarkingNetwork, network);
        foreach (var (i, reference) in References(parsed).Index())
            yield return (TestInput.ReferenceName(i), reference);
        if (parsed.GetValue(images) is { } folder)
            yield return (TestInput.TestImages, folder);
        if (parsed.GetValue(queries) is { } asked)
            yield return (TestInput.QueryImages, asked);
    }
}
