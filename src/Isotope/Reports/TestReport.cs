using System.Globalization;
using Isotope.Detection;
using Isotope.Detection.BlackBoxes;
using Isotope.Evidence;

namespace Isotope.Reports;

/// <summary>The report of a test: verdict, its meaning, the null distribution, classes, checks and provenance.</summary>
internal static class TestReport
{
    /// <summary>Makes the report of a result.</summary>
    /// <exception cref="IsotopeException">Its details are not those of its kind.</exception>
    public static Report Of(TestResult result)
    {
        var title = result.Kind switch
        {
            TestKinds.WhiteBox => "Was the model trained on the marked images?",
            TestKinds.BlackBox => "Does the model know the published marks?",
            _ => "Are these images marked?",
        };
        var evidence =
            result.Kind == TestKinds.BlackBox
                ? BlackBox(BlackBoxDetails.Of(result.Details))
                : Cosines(CosineDetails.Of(result.Kind, result.Details));
        return new Report(
            title,
            Lead(result),
            [
                .. evidence,
                new Section("meaning", "What this says, and what it does not", Meaning(result)),
                new Section("provenance", "Provenance", Provenance(result)),
            ]
        );
    }

    private static Html Lead(TestResult result)
    {
        var power = result.Power is null ? null : Html.Of($"<p>{result.Power}</p>");
        var log10 = result.Log10P.ToString("F2", CultureInfo.InvariantCulture).Replace('-', '−');
        var figures = Tables.Figures(
            ("p-value", Tables.P(result.Log10P)),
            ("log₁₀ p", log10),
            ("adjusted for the key's tests", Tables.P(result.Ledger.HolmLog10P)),
            ("statistic", $"{result.Statistic}, {result.Combination}")
        );
        return Html.Of(
            $"""
            <p class="verdict">{result.Verdict}</p>
            {power}
            {figures}
            """
        );
    }

    private static Html Meaning(TestResult result)
    {
        var innocent =
            result.Kind == TestKinds.Images ? "these images were never marked with the key" : "the model never saw the marked images";
        return Html.Of(
            $"""
            <p>{Carriers(result.Key)} {Plan(result.Plan)} If {innocent}, the
            evidence is a random draw whose law is known exactly, and p is the probability of a draw at least as strong as the one seen.</p>
            <ul>
            <li>A small p-value speaks against that. It is not the probability that the model is innocent.</li>
            <li>A large p-value proves nothing: a mark may be too weak to be found, or gone.</li>
            <li>It holds if the key was fixed before the model was seen. {Commitment(result)}</li>
            <li>{Position(result.Ledger)}</li>
            <li>The statistic that counts has to be named before the data are seen, like everything else that the owner chooses. Other
            p-values on this page are for information.</li>
            </ul>
            """
        );
    }

    private static Html Carriers(KeyStatement key) =>
        key.IsOfSystem
            ? Html.Of($"The carriers of the key were drawn at random, independently of everything that this test looks at.")
            : Html.Of(
                $"<strong>This key's carriers are of origin {key.Origin}.</strong> What follows holds if they were drawn at random, "
                    + $"independently of everything that this test looks at."
            );

    private static Html Plan(PlanStatement? plan) =>
        plan switch
        {
            null => Html.Of(
                $"<strong>The owner could have chosen this key</strong>: it was drawn without a plan that others date and a public random "
                    + $"value that came out later."
            ),
            { Deviations: [] } => Html.Of(
                $"The file states that all the owner chose was fixed in a plan before the key was drawn with the public random value "
                    + $"{plan.Beacon} of {plan.DrawnAt:u}; left open were {string.Join(", ", plan.Open)}. <code>isotope verify</code> "
                    + $"with the key's opening checks that."
            ),
            _ => Html.Of($"<strong>This test is exploratory: it was not made as planned</strong> ({string.Join("; ", plan.Deviations)})."),
        };

    private static Html Commitment(TestResult result)
    {
        if (result.Published is not { } published)
            return Html.Of($"No published commitment was given with this test.");
        if (!published.Matches)
            return Html.Of($"<strong>The published commitment is of another key.</strong>");
        var signature = published.SignatureValid == true ? ", and its signature is valid" : "";
        return Html.Of($"The published commitment is this key's{signature}.");
    }

    private static Html Position(LedgerStatement ledger) =>
        ledger.Log10PValues.Count == 1
            ? Html.Of($"This is the only test in the key's ledger so far.")
            : Html.Of(
                $"It is test {ledger.Position} of {ledger.Log10PValues.Count} in the key's ledger; tests with one key are not independent, "
                    + $"and the adjusted p-value (Holm) allows for their number."
            );

    private static IEnumerable<Section> Cosines(CosineDetails details)
    {
        var caption = Html.Of(
            $"Cosines between what was found for each class and its carrier, against the law of a random direction in "
                + $"{details.Dimension} dimensions."
        );
        var law = TestCharts.NullDistribution(details.Dimension, [.. details.Classes.Select(c => c.Cosine)]);
        var evidence = Html.Of(
            $"""
            {Tables.Figure(law, caption)}
            {ClassTable(details)}
            {Others(details)}
            """
        );
        yield return new Section("evidence", "The evidence", evidence);
        if (Checks(details) is { } checks)
            yield return new Section("checks", "Checks", checks);
    }

    private static Html ClassTable(CosineDetails details) =>
        Tables.Sortable(
            "By class",
            details.Classes,
            new Column<ClassResult>("class", c => Html.Of($"{c.Label}")),
            new("cosine", c => Html.Of($"{c.Cosine:F4}"), c => c.Cosine),
            new("p-value", c => Html.Of($"{Tables.P(c.PValue.Log10)}"), c => c.PValue.Log10),
            new("log₁₀ p", c => Html.Of($"{c.PValue.Log10:F2}"), c => c.PValue.Log10)
        );

    private static Html? Others(CosineDetails details)
    {
        if (details.Others.Count == 0)
            return null;
        var pValues = Tables.Facts(details.Others.Select(Fact));
        return Html.Of(
            $"""
            <h3>For information</h3>
            {pValues}
            """
        );

        static (string, Html?) Fact(SideResult other) =>
            ($"{other.Statistic}, {other.Combination}", Html.Of($"{Tables.P(other.PValue.Log10)}"));
    }

    private static Html? Checks(CosineDetails details)
    {
        if (details.Alignment is null && details.RankCheck is null && details.MeanDisplacement is null)
            return null;
        return Tables.Facts(
            ("alignment", details.Alignment is { } map ? Fit(map) : null),
            ("vanilla images", details.Alignment is { } given ? VanillaImages(given) : null),
            ("formula", details.RankCheck is { } check ? Formula(check) : null),
            ("mean displacement", details.MeanDisplacement is { } moved ? Html.Of($"{moved:F2} along the carriers") : null)
        );
    }

    private static Html Fit(AlignmentResult map) =>
        Html.Of(
            $"a linear map between the feature spaces, fitted on {map.Images:N0} vanilla images, explains {map.RSquared:P1} of the tested "
                + $"features' variance on images kept out of the fit (ridge {map.Ridge:G2})"
        );

    private static Html VanillaImages(AlignmentResult map) =>
        map.ManifestChecked
            ? Html.Of($"none of them is marked, by the manifest")
            : Html.Of($"no manifest was given: nobody checked that none of them is marked");

    private static Html Formula(RankCheck check)
    {
        var agreement = check.Agrees ? "as they should be" : "the formula does not hold here";
        return Html.Of(
            $"of {check.Sets:N0} fresh keys, {check.AtLeastAsExtreme} gave a p-value as small; {check.BelowPercent} were at most 1 %; "
                + $"{agreement} (uniformity p = {Tables.P(check.Uniformity.Log10)})"
        );
    }

    private static IEnumerable<Section> BlackBox(BlackBoxDetails details)
    {
        var unit = details.Unit.ToString().ToLowerInvariant();
        var table = Tables.Sortable(
            "By class",
            details.Classes,
            new Column<ClassRanks>("class", c => Html.Of($"{c.Label}")),
            new("units", c => Html.Of($"{c.Units}"), c => c.Units),
            new("mean rank", c => Html.Of($"{c.MeanRank:F1}"), c => c.MeanRank ?? double.NaN),
            new("p-value", c => Html.Of($"{Tables.P(c.PValue.Log10)}"), c => c.PValue.Log10)
        );
        var facts = Tables.Facts(
            ("the model tells", Html.Of($"{details.Gives}")),
            ("queries", Html.Of($"{details.Queries:N0}")),
            ("stopped early", details.Sequential is { } bets ? StoppedEarly(bets, details) : null),
            ("loss gap", details.LossGap is { } gap ? Gap(gap) : null)
        );
        var evidence = Html.Of(
            $"""
            <p>Each {unit} was shown to the model in {details.Versions} versions: the published one and {details.Versions - 1} under other
            keys drawn alike. A model that never saw
            the published version can't tell it from the others: its rank is uniform from 1 to {details.Versions}. Rank 1 is the most
            marked.</p>
            {table}
            {facts}
            """
        );
        yield return new Section("evidence", "The evidence", evidence);
    }

    private static Html StoppedEarly(SequentialResult bets, BlackBoxDetails details)
    {
        var outcome = bets.Rejected ? "reached" : "not reached";
        return Html.Of($"level {bets.Level}: {outcome} after {details.Units.Count} of {details.UnitsPlanned} units");
    }

    private static Html Gap(LossGap gap) => Html.Of($"{gap.Mean:F3} ({gap.Low:F3} … {gap.High:F3}), the paper's figure; it has no null");

    private static Html Provenance(TestResult result)
    {
        var key = result.Key;
        var ledger = result.Ledger;
        var facts = Tables.Facts(
            ("made with", Html.Of($"Isotope {result.Isotope}, {result.Runtime}")),
            (
                "key",
                Html.Of(
                    $"{Tables.Code(key.Commitment)} (commitment; {key.Classes} classes, {key.Dimension} dimensions, origin: {key.Origin})"
                )
            ),
            ("days", Days(result)),
            ("commitment file", result.Published is { } published ? Tables.Code(published.Sha256) : null),
            ("ledger", Html.Of($"test {ledger.Position} of {ledger.Log10PValues.Count}, head {Tables.Code(ledger.Head)}")),
            ("options", Options(result))
        );
        return Html.Of(
            $"""
            {facts}
            <h3>Inputs</h3>
            {Tables.Facts(result.Inputs.Select(input => (input.Name, (Html?)Input(input))))}
            <p class="soft">Hashes are SHA-256. <code>isotope verify</code> checks the result file that this page was made of, and makes the
            test again where its inputs are at hand.</p>
            """
        );
    }

    private static Html? Days(TestResult result)
    {
        if (result.Key.Created is not { } created)
            return null;
        var existed = result.ModelDate is { } day ? Html.Of($"; the suspect existed on {day:yyyy-MM-dd}, as the owner says") : null;
        return Html.Of($"key made on {created:yyyy-MM-dd}{existed}");
    }

    private static Html Options(TestResult result)
    {
        var given = result.Options.Where(option => option.Value is not null);
        return Html.Join(given.Select(option => Html.Of($"{option.Key} {Tables.Code(option.Value!.ToJsonString())} ")));
    }

    private static Html Input(TestInput input)
    {
        var architecture = input.Architecture is null ? null : Html.Of($", {input.Architecture}");
        var images = input.Images is { } count ? Html.Of($", {count:N0} images") : null;
        return Html.Of($"{input.Path}{architecture}{images}<br>{Tables.Code(input.Sha256)}");
    }
}
