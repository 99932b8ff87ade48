using Isotope.Detection;
using Isotope.Detection.BlackBoxes;
using Isotope.Detection.Classes;

namespace Isotope.Evidence;

/// <summary>Compares a test that was made again with its result.</summary>
internal static class RepeatedTest
{
    /// <summary>Tolerance of log₁₀ p, and of a count of p-values below it.</summary>
    public const double ToleranceOfP = 1e-2;

    /// <summary>
    /// Tolerance of features: they differ by rounding between machines and numbers of threads, and near ties change their order.
    /// </summary>
    private const double Tolerance = 1e-3;

    /// <summary>What agrees and what differs.</summary>
    /// <param name="result">The result.</param>
    /// <param name="again">The same test, made again.</param>
    /// <exception cref="IsotopeException">The result's details do not fit its kind of test.</exception>
    public static IEnumerable<Finding> Compare(TestResult result, TestOutcome again) =>
        [
            Finding.Same("statistic, made again", $"{result.Statistic}, {result.Combination}", $"{again.Statistic}, {again.Combination}"),
            .. result.Kind == TestKinds.BlackBox ? Ranks(result, again) : Cosines(result, again),
        ];

    private static IEnumerable<Finding> Ranks(TestResult result, TestOutcome again)
    {
        var (stated, repeated) = (BlackBoxDetails.Of(result.Details), BlackBoxDetails.Of(again.Details));
        var pairs = stated.Units.Zip(repeated.Units).ToArray();
        var moved = pairs.Count(pair => pair.First.Rank != pair.Second.Rank) + Math.Abs(stated.Units.Count - repeated.Units.Count);
        var agrees =
            moved <= Math.Max(1, Tolerance * stated.Units.Count) && pairs.All(pair => IsNear(pair.First, pair.Second))
                ? Outcome.Agrees
                : Outcome.Differs;
        var p = Finding.Close("p-value, made again, log₁₀", result.Log10P, again.PValue.Log10, ToleranceOfP);
        yield return p.Outcome == Outcome.Differs && moved > 0 && agrees == Outcome.Agrees ? p with { Outcome = Outcome.NotChecked } : p;
        foreach (var finding in Readings(stated.Readings, repeated.Readings))
            yield return finding;
        yield return new Finding(
            "ranks, made again",
            $"{stated.Units.Count} values",
            moved == 0 ? $"{repeated.Units.Count} values" : $"{moved} of {repeated.Units.Count} values others",
            agrees
        );
    }

    /// <summary>A near tie that falls the other way moves a rank by one place; one that moves further is no rounding.</summary>
    private static bool IsNear(UnitRank stated, UnitRank repeated) =>
        stated.Label == repeated.Label && (stated.Rank == repeated.Rank || Math.Abs((stated.Rank - repeated.Rank) ?? int.MaxValue) <= 1);

    private static IEnumerable<Finding> Cosines(TestResult result, TestOutcome again)
    {
        var (stated, repeated) = (CosineDetails.Of(result.Kind, result.Details), CosineDetails.Of(again.Kind, again.Details));
        yield return Finding.Same(
            "classes, made again",
            string.Join(' ', stated.Classes.Select(c => c.Label)),
            string.Join(' ', repeated.Classes.Select(c => c.Label))
        );
        var cosines = stated.Classes.Zip(
            repeated.Classes,
            (own, other) => Finding.Close($"cosine of {own.Label}, made again", own.Cosine, other.Cosine, Tolerance)
        );
        foreach (var finding in Finding.Summary("cosines, made again", [.. cosines]))
            yield return finding;
        yield return Finding.Close("p-value, made again, log₁₀", result.Log10P, again.PValue.Log10, ToleranceOfP);
        var others = stated.Others.Select(other =>
            Finding.Close(
                $"{other.Statistic}, {other.Combination}, made again, log₁₀",
                other.PValue.Log10,
                repeated.Others.FirstOrDefault(found => IsSame(found, other))?.PValue.Log10 ?? double.NaN,
                ToleranceOfP
            )
        );
        foreach (var finding in Finding.Summary("other p-values, made again", [.. others]))
            yield return finding;
        foreach (var finding in Readings(stated.Readings, repeated.Readings))
            yield return finding;
        if (stated.Alignment is { } alignment)
            yield return Finding.Close(
                "R² of the alignment, made again",
                alignment.RSquared,
                repeated.Alignment?.RSquared ?? double.NaN,
                Tolerance
            );
        if (stated.RankCheck is { } check)
            yield return Finding.Close(
                "fresh carriers as extreme, made again",
                check.AtLeastAsExtreme,
                repeated.RankCheck?.AtLeastAsExtreme ?? double.NaN,
                ToleranceOfP
            );
    }

    private static IEnumerable<Finding> Readings(IReadOnlyList<ClassReading>? stated, IReadOnlyList<ClassReading>? repeated) =>
        (stated ?? []).Zip(
            repeated ?? [],
            (own, other) => Finding.Same($"classes of the {own.Model}, made again", Summary(own), Summary(other))
        );

    private static string Summary(ClassReading reading)
    {
        var leftOut = string.Join(", ", reading.LeftOut);
        return leftOut.Length == 0 ? $"{reading.Rule}" : $"{reading.Rule}, left out: {leftOut}";
    }

    private static bool IsSame(SideResult one, SideResult other) =>
        (one.Statistic, one.Combination) == (other.Statistic, other.Combination);
}
