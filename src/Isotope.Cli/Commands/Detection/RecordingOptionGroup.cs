using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Isotope.Cli.Commands.Keys;
using Isotope.Cli.Commands.Marking;
using Isotope.Cli.Terminal;
using Isotope.Detection;
using Isotope.Evidence;
using Isotope.Statistics;
using Spectre.Console;

namespace Isotope.Cli.Commands.Detection;

/// <summary>
/// What every test does once its p-value is known, before anybody sees it: ledger, published commitment, result file, output.
/// </summary>
internal sealed class RecordingOptionGroup : OptionGroup
{
    private const string DayFormat = "YYYY-MM-DD";
    private readonly Option<string?> commitment = new("--commitment")
    {
        Description = "The commitment that was published (see isotope key commit): another key's is refused, and the result holds it",
    };
    private readonly Option<string?>? power;
    private readonly Option<DateOnly?> modelDate = new("--model-date")
    {
        Description =
            "Day on which the suspect existed, such as that of its publication: a younger key is refused, since it could have been "
            + "chosen to fit",
        HelpName = DayFormat,
        CustomParser = Day,
    };

    private readonly Option<bool> exploratory = new("--exploratory")
    {
        Description = "Make a test that differs from the plan of its key; the result says so for ever",
    };
    private readonly Option<bool>? anyway;

    private readonly Option<string?> output = new Option<string?>("--out")
    {
        Description = "Result file to write (JSON), which isotope verify checks",
    }.OfNewFile(".json");

    /// <param name="withPower">Whether it is a test whose power can be told.</param>
    /// <param name="withNetworks">Whether networks are looked at before it.</param>
    public RecordingOptionGroup(bool withPower = false, bool withNetworks = false)
    {
        anyway = withNetworks
            ? new("--anyway")
            {
                Description = "Test networks even if they recognise nothing, or clearly more when given images in another way",
            }
            : null;
        power = withPower
            ? new("--power") { Description = "What isotope power --json wrote: a test that finds nothing then says at which power" }
            : null;
    }

    public override IReadOnlyList<Option> Options =>
        [commitment, .. new Option?[] { power, anyway }.OfType<Option>(), modelDate, exploratory, output];

    /// <summary>Makes a test, counts it, writes its result and shows it, with what a reader should be warned of.</summary>
    /// <param name="session">Where it is shown.</param>
    /// <param name="parsed">The command line.</param>
    /// <param name="test">The test, without what this group of options says.</param>
    /// <param name="show">Shows what its kind of test found.</param>
    /// <exception cref="IsotopeException">As <see cref="TestDescription.Record"/>, or the power or result file can't be used.</exception>
    public TestResult Run(Session session, ParseResult parsed, TestDescription test, Action<IAnsiConsole, TestResult> show)
    {
        var expected = LoadPower(parsed);
        test = test with
        {
            ModelDate = parsed.GetValue(modelDate),
            Commitment = parsed.GetValue(commitment),
            Anyway = IsAnyway(parsed),
            Exploratory = parsed.GetValue(exploratory),
        };
        var result = session.WithProgress(progress => test.Record(session.Environment(parsed, progress)));
        if (expected is not null && result.Ledger.HolmLog10P > Verdict.Weak)
            result = result with { Power = AtPower(expected) };
        if (parsed.GetValue(output) is { } path)
            result.Save(path);
        session.Write(parsed, result, ReportJson.Default.TestResult, console => Show(console, result, show, parsed.GetValue(output)));
        Warn(session, test, result);
        return result;
    }

    private bool IsAnyway(ParseResult parsed) => anyway is not null && parsed.GetValue(anyway);

    private static void Show(IAnsiConsole console, TestResult result, Action<IAnsiConsole, TestResult> show, string? written)
    {
        show(console, result);
        console.WriteLine(result.Verdict);
        if (result.Power is { } power)
            console.WriteLine(power);
        console.WriteLine(Counted(result.Ledger));
        console.WriteLine(Planned(result.Plan));
        if (written is not null)
            console.WriteLine($"Result: {written}");
    }

    private static void Warn(Session session, TestDescription test, TestResult result)
    {
        if (test.Commitment is { } published)
            foreach (var differing in Verification.OfCommittedInputs(result, PublishedCommitment.Load(published)))
                if (differing.Outcome == Outcome.Differs)
                    session.Advise($"--commitment: the test's inputs differ: {differing.Statement}");
        if (IsOlderThanKey(test, result))
            session.Advise(
                $"{test.SuspectName}: its file is older than the key; a key that was made after the model proves nothing (--model-date)"
            );
        if (KeyCommand.Caution(result.Key.Origin) is { Length: > 0 } caution)
            session.Advise($"key of origin {result.Key.Origin}{caution}");
        if (result.Kind != TestKinds.BlackBox)
            Warn(session, CosineDetails.Of(result.Kind, result.Details).RankCheck!);
    }

    /// <summary>File times can be wrong, so that they warn and refuse nothing.</summary>
    private static bool IsOlderThanKey(TestDescription test, TestResult result) =>
        result is { ModelDate: null, Key.Created: { } created }
        && result.Input(test.SuspectName)!.Path is { } path
        && File.Exists(path)
        && DateOnly.FromDateTime(File.GetLastWriteTimeUtc(path)) < created;

    /// <summary>Says what the ranks among fresh carriers say of the analytic p-value.</summary>
    public static string Describe(RankCheck check) =>
        $"Check of the formula: {check.AtLeastAsExtreme} of {check.Sets} fresh random carrier sets are at least as extreme; "
        + $"{check.BelowPercent} have p ≤ 1 %, {check.BelowPerMille} p ≤ 0.1 %; their p-values are "
        + $"{(check.Agrees ? "uniform as they should be" : "not as they should be")} (p = {check.Uniformity}).";

    /// <summary>Warns of an analytic p-value that the ranks contradict.</summary>
    private static void Warn(Session session, RankCheck check)
    {
        if (!check.Agrees)
            session.Advise(
                $"the analytic p-value disagrees with its rank among {check.Sets} fresh carriers (p = {check.Agreement}, uniformity "
                    + $"{check.Uniformity}): do not rely on it"
            );
    }

    /// <summary>In one order alone: 01/02 is another day elsewhere.</summary>
    private static DateOnly? Day(ArgumentResult given)
    {
        if (DateOnly.TryParseExact(given.Tokens[0].Value, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return day;
        given.AddError($"--model-date: expected {DayFormat}, found {given.Tokens[0].Value}");
        return null;
    }

    private static string Planned(PlanStatement? plan) =>
        plan switch
        {
            null => "The key was drawn without a plan: its owner could have chosen it.",
            { Deviations: [] } =>
                $"As planned before the key was drawn ({plan.Beacon}, {plan.DrawnAt:u}); open were {string.Join(", ", plan.Open)}.",
            _ => $"Exploratory, not as planned: {string.Join("; ", plan.Deviations)}.",
        };

    private PowerReport? LoadPower(ParseResult parsed) =>
        power is not null && parsed.GetValue(power) is { } file ? PowerReport.Load(file) : null;

    private static string AtPower(PowerReport report) =>
        $"Inconclusive at this power: with {100 * report.Fraction:G3} % marked, p < 0.0001 was expected in "
        + $"{100 * Math.Min(report.Theory.Power, report.Simulation.Power):F0} % of cases for a classifier retrained on fixed "
        + "features without augmentation, by the paper's statistic and Stouffer's combination.";

    private static string Counted(LedgerStatement ledger) =>
        ledger.Log10PValues.Count == 1
            ? "The only test in the key's ledger so far."
            : $"Test {ledger.Position} of {ledger.Log10PValues.Count} in the key's ledger so far: Holm-adjusted p = "
                + $"{new PValue(ledger.HolmLog10P)}.";
}
