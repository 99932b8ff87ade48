using Isotope.Detection;
using Isotope.Detection.BlackBoxes;
using Isotope.Evidence;

namespace Isotope.Reports;

/// <summary>The report of a test: verdict, what it means, the null distribution, classes, checks and provenance.</summary>
public static class TestReport
{
    /// <summary>Of a result.</summary>
    /// <exception cref="IsotopeException">Its details are not those of its kind.</exception>
    public static Report Of(TestResult result) =>
        new(
            result.Kind switch
            {
                TestKinds.WhiteBox => "Was the model trained on the marked images?",
                TestKinds.BlackBox => "Does the model know the published marks?",
                _ => "Are these images marked?",
            },
            Lead(result),
            [
                .. result.Kind == TestKinds.BlackBox
                    ? BlackBox(BlackBoxDetails.Of(result.Details))
                    : Cosines(result, CosineDetails.Of(result.Kind, result.Details)),
                new Section("meaning", "What this says, and what it does not", Meaning(result)),
                new Section("provenance", "Provenance", Provenance(result)),
            ]
        );

    private static Html Lead(TestResult result) =>
        Html.Of(
            $"""
        <p class="verdict">{result.Verdict}</p>
        {(result.Power is { } power ? Html.Of($"<p>{power}</p>") : null)}
        {Tables.Figures(
            ("p-value", Tables.P(result.Log10P)),
            ("log₁₀ p", result.Log10P.ToString("F2", System.Globalization.CultureInfo.InvariantCulture).Replace('-', '−')),
            ("adjusted for the key's tests", Tables.P(result.Ledger.HolmLog10P)),
            ("statistic", $"{result.Statistic}, {result.Combination}"))}
        """
        );

    private static Html Meaning(TestResult result) =>
        Html.Of(
            $"""
            <p>{Carriers(result.Key)} If {(
                result.Kind == TestKinds.Images ? "these images were never marked with the key" : "the model never saw the marked images"
            )}, the
            evidence is a random draw whose law is known exactly, and p is the probability of a draw at least as strong as the one seen.</p>
            <ul>
            <li>A small p-value speaks against that. It is not the probability that the model is innocent.</li>
            <li>A large p-value proves nothing: a mark may be too weak to be found, or gone.</li>
            <li>It holds if the key was fixed before the model was seen. {Commitment(result)}</li>
            <li>{(
                result.Ledger.Log10PValues.Count == 1
                    ? Html.Of($"This is the only test in the key's ledger so far.")
                    : Html.Of(
                        $"It is test {result.Ledger.Position} of {result.Ledger.Log10PValues.Count} in the key's ledger; tests with one "
                        + $"key are not independent, and the adjusted p-value (Holm) allows for their number."
                    )
            )}</li>
            <li>The statistic that counts has to be named before the data are seen, as everything else that the owner chooses. Other p-values on this page are for information.</li>
            </ul>
            """
        );

    private static Html Carriers(KeyStatement key) =>
        key.IsOfSystem
            ? Html.Of($"The carriers of the key were drawn at random, independently of everything that this test looks at.")
            : Html.Of(
                $"<strong>This key's carriers are of origin {key.Origin}.</strong> What follows holds if they were drawn at random, "
                    + $"independently of everything that this test looks at."
            );

    private static Html Commitment(TestResult result) =>
        result.Published switch
        {
            null => Html.Of($"No published commitment was given with this test."),
            { Matches: true } => Html.Of(
                $"The published commitment is this key's{(result.Published.SignatureValid == true ? ", and its signature is valid" : "")}."
            ),
            _ => Html.Of($"<strong>The published commitment is of another key.</strong>"),
        };

    private static IEnumerable<Section> Cosines(TestResult result, CosineDetails details)
    {
        yield return new Section(
            "evidence",
            "The evidence",
            Html.Of(
                $"""
                {Tables.Figure(
                    TestCharts.NullDistribution(details.Dimension, [.. details.Classes.Select(c => c.Cosine)]),
                    Html.Of(
                        $"Cosines between what was found for each class and its carrier, against the law of a random direction in "
                        + $"{details.Dimension} dimensions."
                    )
                )}
                {ClassTable(details)}
                {Others(details)}
                """
            )
        );
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

    private static Html? Others(CosineDetails details) =>
        details.Others.Count == 0
            ? null
            : Html.Of(
                $"""
                <h3>For information</h3>
                {Tables.Facts(
                    details.Others.Select(other =>
                        ($"{other.Statistic}, {other.Combination}", (Html?)Html.Of($"{Tables.P(other.PValue.Log10)}"))
                    )
                )}
                """
            );

    private static Html? Checks(CosineDetails details)
    {
        if (details.Alignment is null && details.RankCheck is null && details.MeanDisplacement is null)
            return null;
        return Tables.Facts(
            (
                "alignment",
                details.Alignment is { } map
                    ? Html.Of(
                        $"a linear map between the feature spaces, fitted on {map.Images:N0} vanilla images, explains {map.RSquared:P1} "
                            + $"of the tested features' variance on images kept out of the fit (ridge {map.Ridge:G2})"
                    )
                    : null
            ),
            (
                "vanilla images",
                details.Alignment is { } checkedMap
                    ? Html.Of(
                        $"{(checkedMap.ManifestChecked ? "none of them is marked, by the manifest" : "no manifest was given: nobody checked that none of them is marked")}"
                    )
                    : null
            ),
            (
                "formula",
                details.RankCheck is { } check
                    ? Html.Of(
                        $"of {check.Sets:N0} fresh keys, {check.AtLeastAsExtreme} gave a p-value as small; {check.BelowPercent} were at "
                            + $"most 1 %; {(check.Agrees ? "as they should be" : "the formula does not hold here")} (uniformity p = "
                            + $"{Tables.P(check.Uniformity.Log10)})"
                    )
                    : null
            ),
            ("mean displacement", details.MeanDisplacement is { } moved ? Html.Of($"{moved:F2} along the carriers") : null)
        );
    }

    private static IEnumerable<Section> BlackBox(BlackBoxDetails details)
    {
        yield return new Section(
            "evidence",
            "The evidence",
            Html.Of(
                $"""
            <p>Each {details.Unit.ToString().ToLowerInvariant()} was shown to the model in {details.Versions} versions: the published one and {details.Versions - 1} under other keys drawn alike. A model that never saw
            the published version can't tell it from the others: its rank is uniform from 1 to {details.Versions}. Rank 1 is the most marked.</p>
            {Tables.Sortable(
                "By class",
                details.Classes,
                new Column<ClassRanks>("class", c => Html.Of($"{c.Label}")),
                new("units", c => Html.Of($"{c.Units}"), c => c.Units),
                new("mean rank", c => Html.Of($"{c.MeanRank:F1}"), c => c.MeanRank ?? double.NaN),
                new("p-value", c => Html.Of($"{Tables.P(c.PValue.Log10)}"), c => c.PValue.Log10))}
            {Tables.Facts(
                ("the model tells", Html.Of($"{details.Gives}")),
                ("queries", Html.Of($"{details.Queries:N0}")),
                ("stopped early", details.Sequential is { } bets ? Html.Of($"level {bets.Level}: "
                    + $"{(bets.Rejected ? "reached" : "not reached")} after {details.Units.Count} of {details.UnitsPlanned} units") : null),
                ("loss gap", details.LossGap is { } gap ? Html.Of($"{gap.Mean:F3} ({gap.Low:F3} … {gap.High:F3}), the paper's figure; "
                    + $"it has no null") : null))}
            """
            )
        );
    }

    private static Html Provenance(TestResult result) =>
        Html.Of(
            $"""
        {Tables.Facts(
            ("made with", Html.Of($"Isotope {result.Isotope}, {result.Runtime}")),
            ("key", Html.Of($"{Tables.Code(result.Key.Commitment)} (commitment; {result.Key.Classes} classes, {result.Key.Dimension} "
                            + $"dimensions, origin: {result.Key.Origin})")),
            ("days", result.Key.Created is { } created ? Html.Of($"key made on {created:yyyy-MM-dd}{(result.ModelDate is { } model ? Html.Of($"; the suspect existed on {model:yyyy-MM-dd}, as the owner says") : null)}") : null),
            ("commitment file", result.Published is { } published ? Tables.Code(published.Sha256) : null),
            ("ledger", Html.Of($"test {result.Ledger.Position} of {result.Ledger.Log10PValues.Count}, head "
                               + $"{Tables.Code(result.Ledger.Head)}")),
            ("options", Html.Join(result.Options.Where(option => option.Value is not null).Select(option => Html.Of($"{option.Key} {Tables.Code(option.Value!.ToJsonString())} ")))))}
        <h3>Inputs</h3>
        {Tables.Facts(result.Inputs.Select(input => (input.Name, (Html?)Html.Of($"{input.Path}{(input.Architecture is null ? null : Html.Of($", {input.Architecture}"))}{(input.Images is { } count ? Html.Of($", {count:N0} images") : null)}<br>{Tables.Code(input.Sha256)}"))))}
        <p class="soft">Hashes are SHA-256. <code>isotope verify</code> checks the result file that this page was made of, and makes the test again where its inputs are at hand.</p>
        """
        );
}
