using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Isotope.Cli.Terminal;
using Isotope.Detection;
using Isotope.Evidence;
using Isotope.Runs;
using Isotope.Statistics;
using Spectre.Console;

namespace Isotope.Cli.Commands;

/// <summary>
/// What every test does once its p-value is known, before anybody sees it: ledger, published commitment, result file, output.
/// </summary>
internal sealed class Recording
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

    private readonly Option<string?> output = new Option<string?>("--out")
    {
        Description = "Result file to write (JSON), which isotope verify checks",
    }.OfNewFile(".json");

    /// <param name="withPower">Whether it is a test whose power can be told.</param>
    public Recording(bool withPower = false) =>
        power = withPower
            ? new("--power") { Description = "What isotope power --json wrote: a test that finds nothing then says at which power" }
            : null;

    public void AddTo(Command command)
    {
        command.Add(commitment);
        if (power is not null)
            command.Add(power);
        command.Add(modelDate);
        command.Add(output);
    }

    /// <summary>
    /// Runs a test whole: finds out whether it can be recorded, makes it, counts it, shows it, and warns of a p-value that its ranks
    /// contradict.
    /// </summary>
    /// <exception cref="IsotopeException">As the test; or the key, its ledger, the commitment, the power or the result file can't be
    /// used.</exception>
    public T Run<T>(
        Session session,
        ParseResult parsed,
        OwnerKey ownerKey,
        Func<IProgress<StageProgress>, (T Result, TestOutcome Outcome)> test,
        Action<IAnsiConsole, T> show,
        Func<T, RankCheck?> rankCheck
    )
    {
        Prepare(parsed, ownerKey);
        var (result, outcome) = session.WithProgress(test);
        Complete(session, parsed, ownerKey, outcome, console => show(console, result));
        if (rankCheck(result) is { } check)
            Warn(session, check);
        return result;
    }

    /// <summary>Finds out before the work of a test whether it can be recorded.</summary>
    /// <exception cref="IsotopeException">The key, its ledger, the commitment or the power can't be used.</exception>
    private void Prepare(ParseResult parsed, OwnerKey ownerKey)
    {
        var key = ownerKey.LoadForTest();
        TestOutcome.CheckDates(key, parsed.GetValue(modelDate));
        if (parsed.GetValue(commitment) is { } published)
            PublishedStatement.Of(published, key).Require($"--commitment {published}");
        LoadPower(parsed);
        Ledger.Check(Ledger.PathFor(ownerKey.File), key.Commitment);
    }

    /// <exception cref="IsotopeException">The ledger, the commitment or the result file can't be used.</exception>
    private void Complete(Session session, ParseResult parsed, OwnerKey ownerKey, TestOutcome outcome, Action<IAnsiConsole> show)
    {
        var result = (outcome with { ModelDate = parsed.GetValue(modelDate) }).Record(ownerKey.File, parsed.GetValue(commitment));
        if (result.Ledger.HolmLog10P > Verdict.Weak && LoadPower(parsed) is { } report)
            result = result with { Power = AtPower(report) };
        if (parsed.GetValue(output) is { } path)
            result.Save(path);
        session.Write(
            parsed,
            result,
            ReportJson.Default.TestResult,
            console =>
            {
                show(console);
                console.WriteLine(result.Verdict);
                if (result.Power is { } power)
                    console.WriteLine(power);
                console.WriteLine(Counted(result.Ledger));
                if (parsed.GetValue(output) is { } written)
                    console.WriteLine($"Result: {written}");
            }
        );
        foreach (var differing in OtherInputs(result, parsed))
            session.Advise($"--commitment: the test's inputs differ: {differing.Statement}");
        if (IsOlderThanKey(outcome))
            session.Advise(
                $"{outcome.Suspect}: its file is older than the key; a key that was made after the model proves nothing (--model-date)"
            );
        if (KeyCommand.Caution(outcome.Key.Origin) is { Length: > 0 } caution)
            session.Advise($"key of origin {outcome.Key.Origin}{caution}");
    }

    private IEnumerable<Finding> OtherInputs(TestResult result, ParseResult parsed) =>
        parsed.GetValue(commitment) is { } path
            ? Verification.OfCommittedInputs(result, PublishedCommitment.Load(path)).Where(finding => finding.Outcome == Outcome.Differs)
            : [];

    /// <summary>File times can be wrong, so that they warn and refuse nothing.</summary>
    private static bool IsOlderThanKey(TestOutcome outcome) =>
        outcome is { ModelDate: null, Key.Created: { } created }
        && outcome.Inputs.First(input => input.Name == outcome.Suspect).Path is { } path
        && File.Exists(path)
        && DateOnly.FromDateTime(File.GetLastWriteTimeUtc(path)) < created;

    /// <summary>Says what the ranks among fresh carriers say of the analytic p-value.</summary>
    public static string Describe(RankCheck check) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Check of the formula: {check.AtLeastAsExtreme} of {check.Sets} fresh random carrier sets are at least as extreme; "
                + $"{check.BelowPercent} have p ≤ 1 %, {check.BelowPerMille} p ≤ 0.1 %; their p-values are "
                + $"{(check.Agrees ? "uniform as they should be" : "not as they should be")} (p = {check.Uniformity})."
        );

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

    private PowerReport? LoadPower(ParseResult parsed) =>
        power is not null && parsed.GetValue(power) is { } file ? PowerReport.Load(file) : null;

    private static string AtPower(PowerReport report) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Inconclusive at this power: with {100 * report.Fraction:G3} % marked, p < 0.0001 was expected in "
                + $"{100 * Math.Min(report.Theory.Power, report.Simulation.Power):F0} % of cases for a classifier retrained on fixed "
                + $"features without augmentation, by the paper's statistic and Stouffer's combination."
        );

    private static string Counted(LedgerStatement ledger) =>
        ledger.Log10PValues.Count == 1
            ? "The only test in the key's ledger so far."
            : $"Test {ledger.Position} of {ledger.Log10PValues.Count} in the key's ledger so far: Holm-adjusted p = "
                + $"{new PValue(ledger.HolmLog10P)}.";
}
