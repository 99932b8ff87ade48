using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Evidence;

namespace Isotope.Cli.Commands.Evidence;

/// <summary>Options for what is given again, to check a result.</summary>
internal sealed class GivenInputOptionGroup(PassphraseInput passphrase) : OptionGroup
{
    private readonly Option<string?> key = new("--key") { Description = "The key or its opening" };
    private readonly Option<string?> commitment = new("--commitment") { Description = "The commitment that was published" };
    private readonly AuthorityOption authority = new();
    private readonly OwnersInputOptionGroup owners = new("The images that the test took: vanilla ones, or those that were suspected");

    private readonly Option<string?>[] others =
    [
        Input(TestInput.TestedNetwork, "The suspect model"),
        Input(TestInput.OriginalImages, "The originals of suspected images"),
        Input(TestInput.ReferenceImages, "The vanilla reference images of a test of images"),
        Input(TestInput.Predictions, "What the suspect model had said, if the test took that"),
        Input(TestInput.Answers, "The journal of an endpoint's answers, if the test took that"),
        Input(TestInput.MarkedManifest, "The manifest of what was marked, if the test took it"),
    ];

    public override IReadOnlyList<Option> Options => [key, commitment, authority, .. owners.Options, .. others, .. passphrase.Options];

    public GivenAgain Read(ParseResult parsed) =>
        new()
        {
            Key = parsed.GetValue(key) is { } file ? passphrase.Key(parsed, file) : null,
            Commitment = parsed.GetValue(commitment),
            Authority = parsed.GetValue(authority),
            Inputs =
            [
                .. owners.Given(parsed),
                .. from option in others
                where parsed.GetValue(option) is not null
                select new InputPath(option.Name[2..], parsed.GetValue(option)!),
            ],
        };

    private static Option<string?> Input(string name, string description) => new($"--{name}") { Description = description };
}
