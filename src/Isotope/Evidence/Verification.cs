using Isotope.Carriers;
using Isotope.Detection;
using Isotope.Detection.BlackBoxes;
using Isotope.Files;
using Isotope.Statistics;

namespace Isotope.Evidence;

/// <summary>Recomputes what a result states: from the file alone, and from inputs that are given again.</summary>
public static class Verification
{
    /// <summary>Of arithmetic on numbers that the file gives in full.</summary>
    private const double Arithmetic = 1e-9;

    /// <summary>
    /// Of a test made again: features differ by rounding between machines and numbers of threads, and near ties change their order.
    /// </summary>
    private const double Repeated = 1e-3;

    /// <summary>Of its log₁₀ p, and of a count of p-values below it.</summary>
    private const double RepeatedP = 1e-2;

    /// <summary>What follows from the numbers in the file.</summary>
    /// <exception cref="IsotopeException">The details do not fit the kind of test.</exception>
    public static IEnumerable<Finding> OfFile(TestResult result)
    {
        var ledger = result.Ledger;
        yield return Finding.Same(
            "fingerprint of the test",
            ledger.Fingerprint,
            TestResult.FingerprintOf(result.Kind, result.Key.Commitment, result.Options, result.Inputs)
        );
        yield return Finding.Close("p-value in the ledger, log₁₀", ledger.Log10PValues[ledger.Position - 1], result.Log10P, RepeatedP);
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

    /// <summary>The key or its opening: its commitment, and how its carriers were drawn.</summary>
    public static IEnumerable<Finding> OfKey(TestResult result, CarrierKey key)
    {
        yield return Finding.Same("key commitment", result.Key.Commitment, key.Commitment);
        yield return Finding.Same("key sizes", $"{result.Key.Classes} × {result.Key.Dimension}", $"{key.Classes} × {key.Dimension}");
        yield return OfOrigin(key);
        if ((key.Created, result.ModelDate) is ({ } created, { } model))
            yield return new Finding(
                "key older than the model",
                $"{created:O}",
                $"{model:O}",
                created <= model ? Outcome.Agrees : Outcome.Differs
            );
    }

    /// <summary>Whether the carriers were drawn or could have been chosen.</summary>
    public static Finding OfOrigin(CarrierKey key) =>
        key.IsDrawnFromSecret switch
        {
            null => Finding.Skipped("carriers drawn at random", key.Origin, "an opened key has no secret to draw them again with"),
            true => new Finding("carriers drawn at random", key.Origin, "the secret's streams give them", Outcome.Agrees),
            false when key.Origin == CarrierKey.ImportedOrigin => Finding.Skipped(
                "carriers drawn at random",
                key.Origin,
                "imported: nothing here can check it"
            ),
            false => new Finding("carriers drawn at random", key.Origin, "the secret's streams give others", Outcome.Differs),
        };

    /// <summary>The commitment that was published.</summary>
    /// <exception cref="IsotopeException">It can't be read.</exception>
    public static IEnumerable<Finding> OfPublished(TestResult result, string path)
    {
        var published = PublishedCommitment.Load(path);
        yield return Finding.Same("published commitment", result.Key.Commitment, published.KeyCommitment);
        if (result.Published is { } stated)
            yield return Finding.Same("published file", stated.Sha256, Hashes.OfFile(path));
        if (published.IsSignatureValid is { } valid)
            yield return Finding.Same("signature of the commitment", "valid", valid ? "valid" : "not valid");
        foreach (var finding in OfCommittedInputs(result, published))
            yield return finding;
    }

    /// <summary>The inputs that an owner can choose: whether they are those committed to.</summary>
    public static IEnumerable<Finding> OfCommittedInputs(TestResult result, PublishedCommitment published) =>
        from input in result.Inputs
        where IsChosenByOwner(result, input)
        let statement = $"{input.Name}, as committed to"
        select published.HashOf(input.Name) is { } committed
            ? Finding.Same(statement, input.Sha256, committed)
            : Finding.Skipped(statement, input.Sha256, "the commitment names none");

    /// <summary>The manifest, which decides what images are kept out: whether it is the document that the commitment binds.</summary>
    public static Finding OfManifest(PublishedCommitment published, CarrierKey key, byte[] manifest)
    {
        const string statement = "manifest, as committed to";
        var found = key.Bind(manifest);
        return published.Settings == found
            ? Finding.Same(statement, published.Settings, found)
            : Finding.Skipped(statement, found, "the commitment binds another file or none");
    }

    /// <summary>An input given again.</summary>
    public static Finding OfInput(TestResult result, TestInput given)
    {
        var stated = result.Input(given.Name);
        if (stated is null)
            return new Finding(given.Name, "none", given.Path, Outcome.Differs);
        return stated.ListingSha256 == given.ListingSha256 || stated.ListingSha256 is null
            ? Finding.Same(given.Name, stated.Sha256, given.Sha256)
            : new Finding(given.Name, $"{stated.Images} images", $"{given.Images} images of other names", Outcome.Differs);
    }

    /// <summary>
    /// The test, made again from the inputs. With another key or input it is another test, which is not made: it would not be counted.
    /// </summary>
    /// <param name="result">The result.</param>
    /// <param name="key">The key that is given again.</param>
    /// <param name="inputs">The inputs that are given again.</param>
    /// <param name="test">Makes the test again.</param>
    public static IEnumerable<Finding> OfRepeatedTest(
        TestResult result,
        CarrierKey key,
        IEnumerable<TestInput> inputs,
        Func<TestOutcome> test
    )
    {
        if (key.Commitment != result.Key.Commitment || inputs.Any(input => OfInput(result, input).Outcome == Outcome.Differs))
            return [Finding.Skipped("test, made again", result.Kind, "another key or input makes it another test")];
        var outcome = test();
        return
        [
            Finding.Same(
                "statistic, made again",
                $"{result.Statistic}, {result.Combination}",
                $"{outcome.Statistic}, {outcome.Combination}"
            ),
            .. result.Kind == TestKinds.BlackBox ? OfRepeatedRanks(result, outcome) : OfRepeatedCosines(result, outcome),
        ];
    }

    private static bool IsChosenByOwner(TestResult result, TestInput input) =>
        input.Name is TestInput.MarkingNetwork or TestInput.QueryImages
        || input.Name.StartsWith(TestInput.ReferenceNetwork, StringComparison.Ordinal)
        || (input.Name == TestInput.TestImages && result.Kind == TestKinds.WhiteBox);

    private static IEnumerable<Finding> OfRepeatedRanks(TestResult result, TestOutcome outcome)
    {
        var (stated, repeated) = (BlackBoxDetails.Of(result.Details), BlackBoxDetails.Of(outcome.Details));
        var pairs = stated.Units.Zip(repeated.Units).ToArray();
        var moved = pairs.Count(pair => pair.First.Rank != pair.Second.Rank) + Math.Abs(stated.Units.Count - repeated.Units.Count);
        var agrees =
            moved <= Math.Max(1, Repeated * stated.Units.Count) && pairs.All(pair => IsNear(pair.First, pair.Second))
                ? Outcome.Agrees
                : Outcome.Differs;
        var p = Finding.Close("p-value, made again, log₁₀", result.Log10P, outcome.PValue.Log10, RepeatedP);
        yield return p.Outcome == Outcome.Differs && moved > 0 && agrees == Outcome.Agrees ? p with { Outcome = Outcome.NotChecked } : p;
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

    private static IEnumerable<Finding> OfRepeatedCosines(TestResult result, TestOutcome outcome)
    {
        var (stated, repeated) = (CosineDetails.Of(result.Kind, result.Details), CosineDetails.Of(outcome.Kind, outcome.Details));
        yield return Finding.Same(
            "classes, made again",
            string.Join(' ', stated.Classes.Select(c => c.Label)),
            string.Join(' ', repeated.Classes.Select(c => c.Label))
        );
        var cosines = stated.Classes.Zip(
            repeated.Classes,
            (own, other) => Finding.Close($"cosine of {own.Label}, made again", own.Cosine, other.Cosine, Repeated)
        );
        foreach (var finding in Finding.Summary("cosines, made again", [.. cosines]))
            yield return finding;
        yield return Finding.Close("p-value, made again, log₁₀", result.Log10P, outcome.PValue.Log10, RepeatedP);
        var others = stated.Others.Select(other =>
            Finding.Close(
                $"{other.Statistic}, {other.Combination}, made again, log₁₀",
                other.PValue.Log10,
                repeated.Others.FirstOrDefault(found => IsSame(found, other))?.PValue.Log10 ?? double.NaN,
                RepeatedP
            )
        );
        foreach (var finding in Finding.Summary("other p-values, made again", [.. others]))
            yield return finding;
        if (stated.Alignment is { } alignment)
            yield return Finding.Close(
                "R² of the alignment, made again",
                alignment.RSquared,
                repeated.Alignment?.RSquared ?? double.NaN,
                Repeated
            );
        if (stated.RankCheck is { } check)
            yield return Finding.Close(
                "fresh carriers as extreme, made again",
                check.AtLeastAsExtreme,
                repeated.RankCheck?.AtLeastAsExtreme ?? double.NaN,
                RepeatedP
            );
    }

    private static bool IsSame(SideResult one, SideResult other) =>
        (one.Statistic, one.Combination) == (other.Statistic, other.Combination);

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
