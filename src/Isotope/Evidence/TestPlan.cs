using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Isotope.Carriers;
using Isotope.Carriers.Draws;
using Isotope.Files;
using Isotope.Networks;

namespace Isotope.Evidence;

/// <summary>An input that a plan fixes.</summary>
/// <param name="Name">As <see cref="TestInput.Name"/>.</param>
/// <param name="Sha256">As <see cref="TestInput.Sha256"/>.</param>
/// <param name="Takes">For networks: how they are given images, in words.</param>
public sealed record PlannedInput(
    string Name,
    string Sha256,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Takes = null
)
{
    internal static PlannedInput Of(TestInput input) => new(input.Name, input.Sha256, input.Input?.ToString());
}

/// <summary>The options of one kind of test that a plan fixes.</summary>
/// <param name="Kind">One of <see cref="TestKinds"/>.</param>
/// <param name="Options">As a result states them.</param>
public sealed record PlannedTest(string Kind, JsonObject Options);

/// <summary>
/// Everything that an owner can choose, fixed before the key is drawn: the key follows from this file's hash and a public random value that
/// comes out later, so that nothing here can be chosen to fit the key, nor the key to fit a model. It tells nothing of the key: publish it.
/// </summary>
/// <param name="Format">Name and version of the format.</param>
/// <param name="Isotope">Version that wrote it.</param>
/// <param name="Classes">Number of carriers C.</param>
/// <param name="Dimension">Their dimension d.</param>
/// <param name="CarrierSecretSha256">Hash of the secret that carriers follow from.</param>
/// <param name="MarkingSecretSha256">Hash of the secret that the choice of images and their versions follow from.</param>
/// <param name="Beacon">Source of the public random value.</param>
/// <param name="DrawAt">The first value at or after this time counts, UTC.</param>
/// <param name="Inputs">What the owner brings to tests: marking network, references, images.</param>
/// <param name="Tests">The tests' options.</param>
/// <param name="Marking">Options of marking that are fixed; the others are open.</param>
/// <param name="Open">Options that can't be known yet, and may be chosen for a suspect.</param>
public sealed record TestPlan(
    string Format,
    string Isotope,
    int Classes,
    int Dimension,
    string CarrierSecretSha256,
    string MarkingSecretSha256,
    string Beacon,
    DateTimeOffset DrawAt,
    IReadOnlyList<PlannedInput> Inputs,
    IReadOnlyList<PlannedTest> Tests,
    JsonObject Marking,
    IReadOnlyList<string> Open
)
{
    /// <summary>How a suspect takes images is its own, and nobody knows it before there is one.</summary>
    public const string TestedInput = "tested-input";

    private const string CurrentFormat = "isotope-plan-1";
    private const string Kind = "a plan";

    /// <summary>
    /// Options that decide nothing but whether a test is made at all, or are about the suspect alone; they are not planned.
    /// </summary>
    private static readonly string[] NotPlanned = ["anyway"];

    /// <summary>Plans the tests of a key.</summary>
    /// <param name="key">The key, not drawn yet.</param>
    /// <param name="beacon">Source of the public random value.</param>
    /// <param name="drawAt">When it comes out.</param>
    /// <param name="inputs">What the owner brings to tests.</param>
    /// <param name="tests">The tests, whose suspect does not matter.</param>
    /// <param name="marking">How images will be marked: the options that are fixed.</param>
    /// <param name="open">Options that are left open.</param>
    public static TestPlan Of(
        UndrawnKey key,
        string beacon,
        DateTimeOffset drawAt,
        IEnumerable<TestInput> inputs,
        IEnumerable<PlannedTest> tests,
        JsonObject marking,
        IReadOnlyList<string> open
    )
    {
        Carriers.Draws.Beacon.RequireSource(beacon);
        return new(
            CurrentFormat,
            RunSettings.Version,
            key.Classes,
            key.Dimension,
            key.CarrierSecretSha256,
            key.MarkingSecretSha256,
            beacon,
            drawAt.ToUniversalTime(),
            [.. inputs.Select(PlannedInput.Of)],
            [.. tests],
            marking,
            open
        );
    }

    /// <summary>Writes a new file.</summary>
    /// <exception cref="IsotopeException">It exists, or can't be written.</exception>
    public void Save(string path) =>
        JsonFile.Save(path, this, EvidenceJson.Default.TestPlan, kept: "a plan that was published is not replaced");

    /// <summary>Reads one.</summary>
    /// <exception cref="IsotopeException">It is something else.</exception>
    public static TestPlan Parse(string path, byte[] json)
    {
        var plan = JsonFile.Parse(path, json, EvidenceJson.Default.TestPlan, Kind);
        if (plan.Format != CurrentFormat)
            throw new IsotopeException($"{path}: expected format {CurrentFormat}, found '{Printable.Line(plan.Format)}'");
        if (plan.Inputs.Contains(null!) || plan.Tests.Contains(null!) || plan.Open.Contains(null!))
            throw new IsotopeException($"{path}: expected inputs, tests and open options, found null");
        Carriers.Draws.Beacon.RequireSource(plan.Beacon);
        return plan;
    }

    /// <summary>The plan that a key was drawn with; null for a key without one.</summary>
    /// <exception cref="IsotopeException">It is no plan.</exception>
    public static TestPlan? Of(CarrierKey key) => key.Draw is null ? null : Parse("the key's plan", key.Draw.Plan);

    /// <summary>Whether an undrawn key's secrets are those of the plan.</summary>
    public bool IsOf(UndrawnKey key) =>
        (Classes, Dimension, CarrierSecretSha256, MarkingSecretSha256)
        == (key.Classes, key.Dimension, key.CarrierSecretSha256, key.MarkingSecretSha256);

    /// <summary>Whether the plan says which file an input is.</summary>
    internal bool Fixes(InputPath input) => Inputs.Any(planned => planned.Name == input.Name) || TestInput.IsReference(input.Name);

    /// <summary>How a test differs from the plan; empty if it is as planned.</summary>
    /// <param name="kind">The kind of test.</param>
    /// <param name="options">Its options, as a result states them.</param>
    /// <param name="inputs">Its inputs.</param>
    public IEnumerable<Finding> DifferencesOf(string kind, JsonObject options, IReadOnlyList<TestInput> inputs) =>
        OptionsOf(kind, options).Concat(InputsOf(kind, inputs)).Where(finding => finding.Outcome == Outcome.Differs);

    /// <summary>How the options of a test stand to the plan.</summary>
    public IEnumerable<Finding> OptionsOf(string kind, JsonObject options)
    {
        if (Tests.FirstOrDefault(test => test.Kind == kind) is not { } planned)
            return [new Finding("kind of test", string.Join(", ", Tests.Select(test => test.Kind)), kind, Outcome.Differs)];
        return
        [
            .. from option in planned.Options
            where !Open.Contains(option.Key) && !NotPlanned.Contains(option.Key)
            select Finding.Same(
                option.Key,
                $"{option.Value?.ToJsonString() ?? "default"}",
                $"{options[option.Key]?.ToJsonString() ?? "default"}"
            ),
        ];
    }

    /// <summary>How the owner's inputs of a test stand to the plan: another one, one too many, or one that is not used.</summary>
    public IEnumerable<Finding> InputsOf(string kind, IReadOnlyList<TestInput> inputs)
    {
        var planned = Inputs.Where(input => Concerns(kind, input.Name)).ToDictionary(input => input.Name, Identity, StringComparer.Ordinal);
        var given = inputs
            .Where(input => Concerns(kind, input.Name))
            .ToDictionary(input => input.Name, input => Identity(PlannedInput.Of(input)), StringComparer.Ordinal);
        return planned
            .Keys.Union(given.Keys)
            .Select(name => Finding.Same(name, planned.GetValueOrDefault(name, "none"), given.GetValueOrDefault(name, "none")));

        static string Identity(PlannedInput input) => input.Takes is { } takes ? $"{input.Sha256}, {takes}" : input.Sha256;
    }

    /// <summary>How marking differs from the plan.</summary>
    public IEnumerable<Finding> DifferencesOf(JsonObject marking) =>
        Marking
            .Select(option => Finding.Same(option.Key, $"{option.Value?.ToJsonString()}", $"{marking[option.Key]?.ToJsonString()}"))
            .Where(finding => finding.Outcome == Outcome.Differs);

    /// <summary>Requires marking as planned, with the planned network.</summary>
    /// <exception cref="IsotopeException">An option, or the network, is another.</exception>
    public void Require(JsonObject marking, Network network)
    {
        var planned = Inputs.FirstOrDefault(input => input.Name == TestInput.MarkingNetwork);
        var given = new PlannedInput(TestInput.MarkingNetwork, network.Sha256 ?? "none", network.Input.ToString());
        var ofNetwork = planned is null
            ? []
            : new[] { Finding.Same(planned.Name, $"{planned.Sha256}, {planned.Takes}", $"{given.Sha256}, {given.Takes}") };
        if (DifferencesOf(marking).Concat(ofNetwork).FirstOrDefault(finding => finding.Outcome == Outcome.Differs) is { } first)
            throw new IsotopeException(
                $"--key: expected marking as its plan fixes it; {first.Statement}: planned {first.Stated}, found {first.Found}"
            );
    }

    /// <summary>The inputs that owners choose. What was marked, and the versions of images, follow from the key.</summary>
    private static bool Concerns(string kind, string input) =>
        TestInput.IsReference(input)
        || input is TestInput.OriginalImages or TestInput.ReferenceImages
        || (kind == TestKinds.WhiteBox && input is TestInput.MarkingNetwork or TestInput.TestImages)
        || (kind == TestKinds.Images && input is TestInput.MarkingNetwork);
}
