using System.Text.Json.Nodes;
using Isotope.Carriers;

namespace Isotope.Evidence;

/// <summary>
/// A test as a value: its key, inputs by path and options. It is made from options or from a result file, and runs the same way whoever
/// made it.
/// </summary>
public abstract record TestDescription
{
    /// <summary>The option of a result for <see cref="Anyway"/>.</summary>
    private protected const string AnywayOption = "anyway";

    private protected TestDescription() { }

    /// <summary>The owner's key.</summary>
    public required OwnerKey Key { get; init; }

    /// <summary>A day on which the suspect existed, as the owner says: a younger key is refused. Default: unknown.</summary>
    public DateOnly? ModelDate { get; init; }

    /// <summary>The file of the commitment that was published; another key's is refused. Default: none.</summary>
    public string? Commitment { get; init; }

    /// <summary>
    /// Whether networks that recognise nothing, or more when given images in another way, are tested all the same. Default: they are
    /// refused, since a model that is misread seems innocent.
    /// </summary>
    public bool Anyway { get; init; }

    /// <summary>
    /// Whether a test that differs from the plan its key was drawn with is made all the same; its result says so. Default: it is refused.
    /// </summary>
    public bool Exploratory { get; init; }

    /// <summary>One of <see cref="TestKinds"/>.</summary>
    public abstract string Kind { get; }

    /// <summary>The name of the input that is suspected.</summary>
    public abstract string SuspectName { get; }

    /// <summary>The inputs, in the order of the result; a manifest that is still to be found is not among them.</summary>
    public abstract IEnumerable<InputPath> Inputs { get; }

    /// <summary>Every option that bears on the outcome, as a result states it; null where the test chooses.</summary>
    internal abstract JsonObject StatedOptions { get; }

    /// <summary>Refuses what can't be run, before any input is read.</summary>
    /// <exception cref="IsotopeException">An option is out of range, or options do not fit together.</exception>
    public abstract void Validate();

    /// <summary>Makes the test. Nobody may see its p-value before it is counted: see <see cref="Record"/>.</summary>
    /// <exception cref="IsotopeException">An input can't be used, or they do not fit together.</exception>
    internal abstract TestOutcome Run(TestEnvironment environment);

    /// <summary>
    /// Makes the test whole: checks that it can be counted, runs it, counts it in the ledger beside the key, and gives its result.
    /// </summary>
    /// <param name="environment">Where it runs. Default: on the CPU, in silence.</param>
    /// <exception cref="IsotopeException">An input, the key, its ledger or the commitment can't be used, or they do not fit
    /// together.</exception>
    public TestResult Record(TestEnvironment? environment = null)
    {
        environment ??= new TestEnvironment();
        var key = CheckCountable();
        var plan = TestPlan.Of(key);
        if (plan is not null && !Exploratory)
            RequireAsPlanned(
                plan.DifferencesOf(Kind, Requested(plan), [.. Inputs.Where(plan.Fixes).Select(given => TestInput.Read(given, environment))])
            );
        var outcome = Run(environment) with { ModelDate = ModelDate };
        var deviations = plan?.DifferencesOf(Kind, outcome.Options, outcome.Inputs).ToArray() ?? [];
        if (!Exploratory)
            RequireAsPlanned(deviations);
        return (outcome with { Plan = PlanStatement.Of(key, deviations) }).Record(Key.File, Commitment);
    }

    /// <summary>The options, with the plan's where the test would choose.</summary>
    private JsonObject Requested(TestPlan plan)
    {
        var options = StatedOptions;
        var planned = plan.Tests.FirstOrDefault(test => test.Kind == Kind)?.Options ?? [];
        foreach (var (name, value) in planned)
            options[name] ??= value?.DeepClone();
        return options;
    }

    private static void RequireAsPlanned(IEnumerable<Finding> deviations)
    {
        if (deviations.FirstOrDefault() is { } first)
            throw new IsotopeException(
                $"--key: expected the test that its plan fixes; {first.Statement}: planned {first.Stated}, found {first.Found}. Make it as "
                    + "planned, or --exploratory, which the result will say"
            );
    }

    /// <summary>The inputs as they are now, with their hashes.</summary>
    /// <exception cref="IsotopeException">One can't be read.</exception>
    public IReadOnlyList<TestInput> ReadInputs(TestEnvironment? environment = null) =>
        [.. Inputs.Select(input => TestInput.Read(input, environment ?? new TestEnvironment()))];

    /// <summary>What differs from another test: kind, options, and inputs by their hashes. Empty if it is the same test.</summary>
    /// <param name="other">The other test, such as the one that was planned.</param>
    /// <param name="environment">Where networks are loaded. Default: on the CPU.</param>
    /// <exception cref="IsotopeException">An input can't be read.</exception>
    public IReadOnlyList<Finding> DifferencesFrom(TestDescription other, TestEnvironment? environment = null)
    {
        if (Kind != other.Kind)
            return [Finding.Same("kind", other.Kind, Kind)];
        var stated = other.StatedOptions;
        var options = StatedOptions.Select(option =>
            Finding.Same(option.Key, $"{stated[option.Key]?.ToJsonString()}", $"{option.Value?.ToJsonString()}")
        );
        var here = ReadInputs(environment).ToDictionary(input => input.Name, Identity);
        var there = other.ReadInputs(environment).ToDictionary(input => input.Name, Identity);
        var inputs = there
            .Keys.Union(here.Keys)
            .Select(name => Finding.Same(name, there.GetValueOrDefault(name, "none"), here.GetValueOrDefault(name, "none")));
        return [.. options.Concat(inputs).Where(finding => finding.Outcome == Outcome.Differs)];

        static string Identity(TestInput input) => input.Input is { } takes ? $"{input.Sha256}, {takes}" : input.Sha256;
    }

    /// <summary>The test of a result, to be made again.</summary>
    /// <param name="result">The result.</param>
    /// <param name="key">The key, given again.</param>
    /// <param name="inputs">All inputs of the result, given again.</param>
    /// <exception cref="IsotopeException">The result lacks an input or option of its kind.</exception>
    public static TestDescription Of(TestResult result, OwnerKey key, IReadOnlyList<InputPath> inputs)
    {
        var given = new GivenPaths(result, inputs);
        return result.Kind switch
        {
            TestKinds.WhiteBox => WhiteBoxDescription.Of(result, key, given),
            TestKinds.BlackBox => BlackBoxDescription.Of(result, key, given),
            TestKinds.Images => ImagesDescription.Of(result, key, given),
            _ => throw new IsotopeException($"result: expected a test that can be made again, found one of kind {result.Kind}"),
        };
    }

    /// <summary>Results of version 0.1 looked at nothing before the test.</summary>
    private protected static bool IsAnyway(TestResult result) => result.Options[AnywayOption]?.ToString() != "false";

    private CarrierKey CheckCountable()
    {
        Validate();
        var key = Key.LoadForTest();
        TestOutcome.CheckDates(key, ModelDate);
        if (Commitment is not null)
            PublishedStatement.Of(Commitment, key).Require($"--commitment {Commitment}");
        Ledger.Check(Ledger.PathFor(Key.File), key.Commitment);
        return key;
    }
}

/// <summary>The inputs of a result where they lie now.</summary>
internal sealed class GivenPaths(TestResult result, IReadOnlyList<InputPath> inputs)
{
    /// <summary>An input that is given; null where it is not, or where the result has none of this name.</summary>
    public InputPath? Find(string name) => result.Input(name) is null ? null : inputs.FirstOrDefault(input => input.Name == name);

    /// <summary>Where an input lies; null as for <see cref="Find"/>.</summary>
    public string? At(string name) => Find(name)?.Path;

    /// <exception cref="IsotopeException">The result has no input of this name, or it was not given.</exception>
    public InputPath Required(string name) =>
        Find(name) ?? throw new IsotopeException($"result: expected an input {name} of a {result.Kind} test, found none");

    /// <summary>The references, in their order.</summary>
    public IReadOnlyList<InputPath> References() => [.. inputs.Where(input => TestInput.IsReference(input.Name))];
}
