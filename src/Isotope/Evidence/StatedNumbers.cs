using Isotope.Detection;
using Isotope.Statistics;

namespace Isotope.Evidence;

/// <summary>Recomputes a result's numbers from the others in its file.</summary>
internal static class StatedNumbers
{
    /// <summary>Tolerance of arithmetic on numbers that the file gives in full.</summary>
    private const double Arithmetic = 1e-9;

    /// <summary>Checks what follows from the numbers in the file.</summary>
    /// <exception cref="IsotopeException">The details do not fit the kind of test.</exception>
    public static IEnumerable<Finding> Check(TestResult result)
    {
        var ledger = result.Ledger;
        yield return Finding.Same(
            "fingerprint of the test",
            ledger.Fingerprint,
            TestResult.FingerprintOf(result.Kind, result.Key.Commitment, result.Options, result.Inputs)
        );
        yield return Finding.Close(
            "p-value in the ledger, log₁₀",
            ledger.Log10PValues[ledger.Position - 1],
            result.Log10P,
            RepeatedTest.ToleranceOfP
        );
        yield return Finding.Close(
            $"Holm-adjusted p of test {ledger.Position} of {ledger.Log10PValues.Count}, log₁₀",
            ledger.HolmLog10P,
            LedgerStatement.Adjusted(ledger.Log10PValues, ledger.Position),
            Arithmetic
        );
        foreach (var finding in OfDetails(result))
            yield return finding;
        yield return Finding.Same("verdict", result.Verdict, TestResult.VerdictOf(result.Kind, ledger));
        if (result.Power is { } power)
            yield return Finding.Skipped("power", power, "the owner's word");
    }

    private static IEnumerable<Finding> OfDetails(TestResult result)
    {
        if (result.Kind == TestKinds.BlackBox)
            return OfRanks(result, BlackBoxDetails.Of(result.Details));
        var details = CosineDetails.Of(result.Kind, result.Details);
        PValue[] classes = [.. details.Classes.Select(c => c.PValue)];
        return
        [
            Finding.Same("dimension", $"{result.Key.Dimension}", $"{details.Dimension}"),
            .. Finding.Summary("p-values of classes, from their cosines", [.. details.Classes.Select(c => OfClass(c, details.Dimension))]),
            Counted(result.Combination, result.Log10P, Combination.Combine(result.Combination, classes)),
            .. details.Others.Select(other =>
                other.Statistic == result.Statistic
                    ? Combined(
                        $"{other.Statistic}, {other.Combination}",
                        other.Combination,
                        other.PValue.Log10,
                        Combination.Combine(other.Combination, classes)
                    )
                    : Finding.Skipped(
                        $"{other.Statistic}, {other.Combination}, log₁₀",
                        FormattableString.Invariant($"{other.PValue.Log10:G6}"),
                        "its classes are not in the file"
                    )
            ),
            OfRank(result.Log10P, details.RankCheck),
        ];
    }

    private static IEnumerable<Finding> OfRanks(TestResult result, BlackBoxDetails details) =>
        [
            .. Finding.Summary(
                "p-values of classes, from their ranks",
                [
                    .. details.Classes.Zip(
                        details.PValuesOfClasses(),
                        (c, found) => Finding.Close($"p-value of {c.Label}, log₁₀", c.PValue.Log10, found.Log10, Arithmetic)
                    ),
                ]
            ),
            Counted(result.Combination, result.Log10P, details.PValueOf(result.Combination)),
        ];

    private static Finding OfClass(ClassResult stated, int dimension) =>
        Finding.Close(
            $"p-value of {stated.Label}, log₁₀",
            stated.PValue.Log10,
            CosineTest.PValueOf(stated.Cosine, dimension).Log10,
            Arithmetic
        );

    private static Finding Counted(string combination, double stated, PValue? found) =>
        Combined("p-value that counts", combination, stated, found);

    private static Finding Combined(string name, string combination, double stated, PValue? pValue) =>
        pValue is { } found
            ? Finding.Close($"{name}, log₁₀", stated, found.Log10, Arithmetic)
            : new Finding(name, combination, "no such combination", Outcome.Differs);

    private static Finding OfRank(double log10P, RankCheck? check) =>
        check is null
            ? Finding.Skipped("rank among fresh carriers", "none", "it was not made")
            : Finding.Close(
                $"{check.AtLeastAsExtreme} of {check.Sets} fresh carriers as extreme: log₁₀ p of that",
                check.Agreement.Log10,
                BinomialTest.TwoSided(check.AtLeastAsExtreme, check.Sets, new PValue(log10P)).Log10,
                Arithmetic
            );
}
