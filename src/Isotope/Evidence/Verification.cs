using Isotope.Carriers;
using Isotope.Files;

namespace Isotope.Evidence;

/// <summary>What is given again to check a result.</summary>
public sealed record GivenAgain
{
    /// <summary>The key or its opening. Default: not given.</summary>
    public OwnerKey? Key { get; init; }

    /// <summary>The file of the commitment that was published. Default: not given.</summary>
    public string? Commitment { get; init; }

    /// <summary>Certificates of time-stamping authorities to trust (PEM). Default: those that the system trusts.</summary>
    public string? Authority { get; init; }

    /// <summary>Inputs of the test. Default: none.</summary>
    public IReadOnlyList<InputPath> Inputs { get; init; } = [];

    /// <summary>All that a test takes: it is made again whole.</summary>
    public static GivenAgain Of(TestDescription test) =>
        new()
        {
            Key = test.Key,
            Commitment = test.Commitment,
            Inputs = [.. test.Inputs],
        };

    /// <summary>The same, with networks given images as the result says, unless their user states something else.</summary>
    /// <exception cref="IsotopeException">The result says it in a way that can't be read.</exception>
    internal GivenAgain AsStatedIn(TestResult result) =>
        this with
        {
            Inputs = [.. Inputs.Select(input => input with { Takes = input.Takes ?? StatedInput.Of(result, input.Name) })],
        };

    /// <summary>Whether the test can be made again. The manifest may be missing: all it does is to refuse images.</summary>
    internal bool HasAllOf(TestResult result)
    {
        string[] names = [TestInput.MarkedManifest, .. Inputs.Select(input => input.Name)];
        return result.Inputs.All(input => names.Contains(input.Name));
    }
}

/// <summary>Recomputes what a result states: from the file alone, and from inputs that are given again.</summary>
public static class Verification
{
    /// <summary>
    /// Checks all of a result that can be checked: the file by itself, then each input that is given again, then, where all of them are
    /// given, the test itself, which is made again and not counted.
    /// </summary>
    /// <param name="result">The result.</param>
    /// <param name="given">What is given again.</param>
    /// <param name="environment">Where the test runs again. Default: on the CPU, in silence.</param>
    /// <exception cref="IsotopeException">An input can't be read.</exception>
    public static IReadOnlyList<Finding> Of(TestResult result, GivenAgain given, TestEnvironment? environment = null)
    {
        environment ??= new TestEnvironment();
        List<Finding> findings = [.. OfFile(result)];
        var key = given.Key?.LoadForTest();
        if (key is not null)
            findings.AddRange([
                .. OfKey(result, key),
                .. OfPlan(result, key, given.Authority),
                OfLedger(result, key, Ledger.PathFor(given.Key!.File)),
            ]);
        var published = given.Commitment is null ? null : PublishedCommitment.Load(given.Commitment);
        if (published is not null)
            findings.AddRange(OfPublished(result, published, Hashes.OfFile(given.Commitment!)));

        given = given.AsStatedIn(result);
        TestInput[] inputs = [.. given.Inputs.Select(input => TestInput.Read(input, environment))];
        findings.AddRange(inputs.Select(input => OfInput(result, input)));
        var manifest = inputs.FirstOrDefault(input => input.Name == TestInput.MarkedManifest);
        if (manifest is not null && key is not null && published is not null)
            findings.Add(OfManifest(published, key, File.ReadAllBytes(manifest.Path)));
        if (key is not null && given.HasAllOf(result))
            findings.AddRange(Repeat(result, key, inputs, given, environment));
        return findings;
    }

    /// <summary>What follows from the numbers in the file.</summary>
    /// <exception cref="IsotopeException">The details do not fit the kind of test.</exception>
    public static IEnumerable<Finding> OfFile(TestResult result) => StatedNumbers.Check(result);

    /// <summary>The key or its opening: its commitment, and how its carriers were drawn.</summary>
    private static IEnumerable<Finding> OfKey(TestResult result, CarrierKey key)
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

    /// <summary>How the key was drawn, and how the test stands to its plan.</summary>
    private static IEnumerable<Finding> OfPlan(TestResult result, CarrierKey key, string? roots)
    {
        foreach (var finding in PlanStatement.Check(key, roots))
            yield return finding;
        if (TestPlan.Of(key) is not { } plan)
            yield break;
        var made = PlanStatement.Of(key, plan.DifferencesOf(result.Kind, result.Options, result.Inputs))!;
        yield return Finding.Same("plan", result.Plan?.Sha256 ?? "none", made.Sha256);
        var (stated, found) = (result.Plan?.Deviations ?? [], made.Deviations);
        yield return Finding.Same("deviations from the plan", Listed(stated), Listed(found));

        static string Listed(IReadOnlyList<string> deviations) => deviations.Count == 0 ? "none" : string.Join("; ", deviations);
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

    private static Finding OfLedger(TestResult result, CarrierKey key, string ledger)
    {
        const string statement = "ledger beside the key";
        var count = result.Ledger.Log10PValues.Count;
        var tests = count == 1 ? "1 test" : $"{count} tests";
        if (!File.Exists(ledger))
            return Finding.Skipped(statement, tests, "there is none");
        return Finding.Same(statement, tests, Ledger.Contains(ledger, key.Commitment, result.Ledger) ? tests : "not all of them");
    }

    /// <summary>The commitment that was published.</summary>
    private static IEnumerable<Finding> OfPublished(TestResult result, PublishedCommitment published, string sha256)
    {
        yield return Finding.Same("published commitment", result.Key.Commitment, published.KeyCommitment);
        if (result.Published is { } stated)
            yield return Finding.Same("published file", stated.Sha256, sha256);
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
    private static Finding OfManifest(PublishedCommitment published, CarrierKey key, byte[] manifest)
    {
        const string statement = "manifest, as committed to";
        var found = key.Bind(manifest);
        return published.Settings == found
            ? Finding.Same(statement, published.Settings, found)
            : Finding.Skipped(statement, found, "the commitment binds another file or none");
    }

    /// <summary>An input given again.</summary>
    private static Finding OfInput(TestResult result, TestInput given)
    {
        var stated = result.Input(given.Name);
        if (stated is null)
            return new Finding(given.Name, "none", given.Path, Outcome.Differs);
        if (stated.Sha256 == given.Sha256 && stated.Input is { } input && given.Input is { } other && !input.IsSame(other))
            return Finding.Same($"what {given.Name} takes", $"{input}", $"{other}");
        return stated.ListingSha256 == given.ListingSha256 || stated.ListingSha256 is null
            ? Finding.Same(given.Name, stated.Sha256, given.Sha256)
            : new Finding(given.Name, $"{stated.Images} images", $"{given.Images} images of other names", Outcome.Differs);
    }

    private static bool IsChosenByOwner(TestResult result, TestInput input) =>
        input.Name is TestInput.MarkingNetwork or TestInput.QueryImages
        || TestInput.IsReference(input.Name)
        || (input.Name == TestInput.TestImages && result.Kind == TestKinds.WhiteBox);

    /// <summary>The test, made again; not with another key or input: that would be another test, and nobody would count it.</summary>
    private static IEnumerable<Finding> Repeat(
        TestResult result,
        CarrierKey key,
        TestInput[] inputs,
        GivenAgain given,
        TestEnvironment environment
    )
    {
        if (key.Commitment != result.Key.Commitment || inputs.Any(input => OfInput(result, input).Outcome == Outcome.Differs))
            return [Finding.Skipped("test, made again", result.Kind, "another key or input makes it another test")];
        var test = TestDescription.Of(result, given.Key!, given.Inputs);
        test.Validate();
        return RepeatedTest.Compare(result, test.Run(environment));
    }
}
