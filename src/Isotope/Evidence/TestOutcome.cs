using System.Globalization;
using System.Text.Json.Nodes;
using Isotope.Carriers;
using Isotope.Statistics;

namespace Isotope.Evidence;

/// <summary>A test that was made and that the ledger does not know yet: nobody has seen its p-value.</summary>
/// <param name="Kind">One of <see cref="TestKinds"/>.</param>
/// <param name="Key">The key.</param>
/// <param name="Suspect">The name of the input that was suspected.</param>
/// <param name="Statistic">The statistic that counts.</param>
/// <param name="Combination">How classes were combined.</param>
/// <param name="PValue">The p-value that counts.</param>
/// <param name="Options">Every option that bears on the outcome.</param>
/// <param name="Inputs">Every input.</param>
/// <param name="Details">What this kind of test found.</param>
public sealed record TestOutcome(
    string Kind,
    CarrierKey Key,
    string Suspect,
    string Statistic,
    string Combination,
    PValue PValue,
    JsonObject Options,
    IReadOnlyList<TestInput> Inputs,
    JsonObject Details
)
{
    /// <summary>A day on which the suspect existed; null where none is known.</summary>
    public DateOnly? ModelDate { get; init; }

    /// <summary>How it stands to the plan that its key was drawn with; null for a key without one.</summary>
    public PlanStatement? Plan { get; init; }

    /// <summary>Requires a key that is not younger than the model, which it could have been chosen for.</summary>
    /// <param name="key">The key; its day may be unknown.</param>
    /// <param name="modelDate">A day on which the suspect existed; null where none is known.</param>
    /// <exception cref="IsotopeException">The key is younger.</exception>
    public static void CheckDates(CarrierKey key, DateOnly? modelDate)
    {
        if (key.Created > modelDate)
            throw new IsotopeException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"--model-date {modelDate:yyyy-MM-dd}: expected a key made before the model, found one of {key.Created:yyyy-MM-dd}; "
                        + $"it could have been chosen to fit"
                )
            );
    }

    /// <summary>Counts the test in the ledger beside the key, then gives its result.</summary>
    /// <param name="keyFile">The key's file, beside which the ledger lies.</param>
    /// <param name="publishedFile">The commitment that was published; null where there is none.</param>
    /// <exception cref="IsotopeException">The ledger can't be written or is broken, or the commitment can't be read.</exception>
    public TestResult Record(string keyFile, string? publishedFile)
    {
        var published = publishedFile is null ? null : PublishedStatement.Of(publishedFile, Key);
        var fingerprint = TestResult.FingerprintOf(Kind, Key.Commitment, Options, Inputs);
        var suspect = Inputs.First(input => input.Name == Suspect).Sha256;
        var ledger = Ledger.Record(Ledger.PathFor(keyFile), Key.Commitment, new LedgerTest(Kind, fingerprint, suspect, PValue.Log10));
        return TestResult.Of(this, ledger, published);
    }
}
