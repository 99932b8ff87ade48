using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Isotope.Carriers;
using Isotope.Files;
using Isotope.Statistics;

namespace Isotope.Evidence;

/// <summary>The key of a test: never its carriers.</summary>
public sealed record KeyStatement(string Commitment, int Classes, int Dimension, string Origin, DateOnly? Created = null)
{
    /// <summary>The public part of a key.</summary>
    public static KeyStatement Of(CarrierKey key) => new(key.Commitment, key.Classes, key.Dimension, key.Origin, key.Created);

    /// <summary>Whether the key file says that the system's generator drew the carriers.</summary>
    [JsonIgnore]
    public bool IsOfSystem => Origin == CarrierKey.SystemOrigin;
}

/// <summary>How the key of a test stands to a commitment that was published before it.</summary>
/// <param name="Sha256">Hash of the published file.</param>
/// <param name="Matches">Whether it commits to this key.</param>
/// <param name="SignatureValid">Whether it is signed, and well; null where it is not signed.</param>
/// <param name="PublicKeySha256">Whose signature it is; null where there is no valid one.</param>
public sealed record PublishedStatement(string Sha256, bool Matches, bool? SignatureValid, string? PublicKeySha256)
{
    /// <summary>Checks a published file against a key.</summary>
    /// <exception cref="IsotopeException">It can't be read, or is something else.</exception>
    public static PublishedStatement Of(string path, CarrierKey key)
    {
        var published = PublishedCommitment.Load(path);
        return new PublishedStatement(Hashes.OfFile(path), published.IsOfKey(key), published.IsSignatureValid, published.PublicKeySha256);
    }

    /// <summary>Requires what can serve as evidence: this key's commitment, and no broken signature.</summary>
    /// <param name="name">What errors call the file.</param>
    /// <exception cref="IsotopeException">It is another key's, or its signature is not valid.</exception>
    public void Require(string name)
    {
        if (!Matches)
            throw new IsotopeException($"{name}: expected the commitment of this key, found another key's");
        if (SignatureValid is false)
            throw new IsotopeException($"{name}: expected a valid signature, found one that does not fit the file");
    }
}

/// <summary>
/// A test and its outcome, complete enough to be checked by others: one format for all kinds of tests, each with its own details.
/// </summary>
/// <param name="Format">Name and version of the format.</param>
/// <param name="Isotope">Version that made the test.</param>
/// <param name="Runtime">.NET, TorchSharp and platform.</param>
/// <param name="Kind">white-box, black-box or images.</param>
/// <param name="Statistic">The statistic that counts, fixed before the data was seen.</param>
/// <param name="Combination">How its classes were combined.</param>
/// <param name="Log10P">log₁₀ of the p-value that counts, of this test alone.</param>
/// <param name="Verdict">What it means, adjusted for all tests made with the key so far.</param>
/// <param name="Ledger">All tests made with the key so far, and the p-value adjusted for them.</param>
/// <param name="Key">The key's public part.</param>
/// <param name="Published">The commitment that was published; null where none was given.</param>
/// <param name="Options">Every option that bears on the outcome.</param>
/// <param name="Inputs">Every input.</param>
/// <param name="Details">What this kind of test found.</param>
/// <param name="ModelDate">A day on which the suspect existed, as the owner says: the key is not younger; null where none was
/// given.</param>
/// <param name="Plan">How it stands to the plan that its key was drawn with; null where the owner could have chosen the key.</param>
/// <param name="Power">At which power nothing was found, as the owner says; null where something was, or the power was not given.</param>
public sealed record TestResult(
    string Format,
    string Isotope,
    string Runtime,
    string Kind,
    string Statistic,
    string Combination,
    double Log10P,
    string Verdict,
    LedgerStatement Ledger,
    KeyStatement Key,
    PublishedStatement? Published,
    JsonObject Options,
    IReadOnlyList<TestInput> Inputs,
    JsonObject Details,
    DateOnly? ModelDate = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PlanStatement? Plan = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Power = null
)
{
    /// <summary>The <see cref="Format"/> of this version.</summary>
    public const string CurrentFormat = "isotope-result-1";

    /// <summary>What this program runs on.</summary>
    public static string CurrentRuntime { get; } =
        $"{RuntimeInformation.FrameworkDescription}, TorchSharp {typeof(TorchSharp.torch).Assembly.GetName().Version?.ToString(3)}, "
        + $"{RuntimeInformation.RuntimeIdentifier}";

    /// <summary>The result of a test that the ledger knows.</summary>
    public static TestResult Of(TestOutcome outcome, LedgerStatement ledger, PublishedStatement? published) =>
        new(
            CurrentFormat,
            RunSettings.Version,
            CurrentRuntime,
            outcome.Kind,
            outcome.Statistic,
            outcome.Combination,
            outcome.PValue.Log10,
            VerdictOf(outcome.Kind, ledger),
            ledger,
            KeyStatement.Of(outcome.Key),
            published,
            outcome.Options,
            outcome.Inputs,
            outcome.Details,
            outcome.ModelDate,
            outcome.Plan
        );

    /// <summary>What makes a test: its kind, key, options and the hashes of its inputs, wherever they lie.</summary>
    public static string FingerprintOf(string kind, string keyCommitment, JsonObject options, IEnumerable<TestInput> inputs)
    {
        var hashes = string.Join('\n', inputs.Select(input => $"{input.Name} {input.Sha256}"));
        return Hashes.OfBytes(Encoding.UTF8.GetBytes($"{kind}\n{keyCommitment}\n{options.ToJsonString()}\n{hashes}"));
    }

    /// <summary>What a test means among those made with its key.</summary>
    internal static string VerdictOf(string kind, LedgerStatement ledger)
    {
        var (p, tests) = (new PValue(ledger.HolmLog10P), ledger.Log10PValues.Count);
        return kind == TestKinds.Images ? Detection.Verdict.OfImages(p, tests) : Detection.Verdict.OfModel(p, tests);
    }

    /// <summary>The input of a name; null where there was none.</summary>
    public TestInput? Input(string name) => Inputs.FirstOrDefault(input => input.Name == name);

    /// <summary>Writes it, whole or not at all.</summary>
    /// <exception cref="IsotopeException">It can't be written.</exception>
    public void Save(string path) => JsonFile.Save(path, this, EvidenceJson.Default.TestResult);

    /// <summary>Reads one.</summary>
    /// <exception cref="IsotopeException">Missing, or something else.</exception>
    public static TestResult Load(string path)
    {
        var result = JsonFile.Load(path, EvidenceJson.Default.TestResult, "the result of a test");
        if (result.Format != CurrentFormat)
            throw new IsotopeException($"{path}: expected format {CurrentFormat}, found '{result.Format}'");
        var (position, pValues) = (result.Ledger.Position, result.Ledger.Log10PValues);
        if (
            position < 1
            || position > pValues.Count
            || !pValues.Append(result.Log10P).Append(result.Ledger.HolmLog10P).All(log10 => log10 <= 0)
        )
            throw new IsotopeException($"{path}: expected log₁₀ p-values of at most 0 and this test's among them, found others");
        if (result.Inputs.Contains(null!))
            throw new IsotopeException($"{path}: expected inputs with name and hash, found null");
        return result;
    }
}

/// <summary>How results and commitments are written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UseStringEnumConverter = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals
)]
[JsonSerializable(typeof(TestResult))]
[JsonSerializable(typeof(PublishedCommitment))]
[JsonSerializable(typeof(TestPlan))]
[JsonSerializable(typeof(CosineDetails))]
[JsonSerializable(typeof(BlackBoxDetails))]
internal sealed partial class EvidenceJson : JsonSerializerContext;
