using System.CommandLine;
using Isotope.Cli.Commands.Models;
using Isotope.Cli.Terminal;
using Isotope.Evidence;

namespace Isotope.Cli.Commands.Evidence;

/// <summary>Options for the inputs of tests that are the owner's choice: committed to before a test, given again after it.</summary>
internal sealed class OwnersInputOptionGroup(string imagesDescription) : OptionGroup
{
    private readonly Option<string?> marking = new($"--{TestInput.MarkingNetwork}")
    {
        Description = "The marking network: FILE or ARCHITECTURE:FILE",
    };
    private readonly Option<string[]> references = new($"--{TestInput.ReferenceNetwork}")
    {
        Description = "The owner's own models of tests, in their order; one option each",
    };
    private readonly NetworkInputOption markingInput = NetworkInputOption.OfMarking();
    private readonly NetworkInputOption referenceInput = NetworkInputOption.OfReferences();
    private readonly Option<string?> images = new($"--{TestInput.TestImages}") { Description = imagesDescription };
    private readonly Option<string?> queries = new($"--{TestInput.QueryImages}") { Description = "The query images of black-box tests" };

    public override IReadOnlyList<Option> Options => [marking, markingInput, references, referenceInput, images, queries];

    /// <summary>Reads those that are given.</summary>
    /// <exception cref="IsotopeException">One can't be read.</exception>
    public IEnumerable<TestInput> Read(Session session, ParseResult parsed)
    {
        var environment = session.Environment(parsed);
        return Given(parsed).Select(given => TestInput.Read(given, environment));
    }

    /// <summary>Those that are given.</summary>
    public IEnumerable<InputPath> Given(ParseResult parsed)
    {
        if (parsed.GetValue(marking) is { } network)
            yield return new(TestInput.MarkingNetwork, network, markingInput.Read(parsed));
        foreach (var (i, reference) in (parsed.GetValue(references) ?? []).Index())
            yield return new(TestInput.ReferenceName(i), reference, referenceInput.Read(parsed));
        if (parsed.GetValue(images) is { } folder)
            yield return new(TestInput.TestImages, folder);
        if (parsed.GetValue(queries) is { } asked)
            yield return new(TestInput.QueryImages, asked);
    }
}
