using System.Text.Json.Serialization;
using Isotope.Statistics;

namespace Isotope.Evidence;

/// <summary>What the ledger said when a result was written.</summary>
/// <param name="Position">Which of the key's tests this is, from 1.</param>
/// <param name="Fingerprint">What makes it this test.</param>
/// <param name="Log10PValues">log₁₀ p of all tests made with the key until then, in their order.</param>
/// <param name="HolmLog10P">log₁₀ of this test's p-value, adjusted for all of them by Holm's method.</param>
/// <param name="Head">SHA-256 of the ledger's last line.</param>
public sealed record LedgerStatement(int Position, string Fingerprint, IReadOnlyList<double> Log10PValues, double HolmLog10P, string Head)
{
    /// <summary>The statement on one of several tests.</summary>
    internal static LedgerStatement Of(int position, string fingerprint, IReadOnlyList<double> log10PValues, string head) =>
        new(position, fingerprint, log10PValues, Adjusted(log10PValues, position), head);

    /// <summary>log₁₀ p of the test at a position, from 1, adjusted by Holm's method.</summary>
    internal static double Adjusted(IReadOnlyList<double> log10PValues, int position) =>
        Holm.Adjust([.. log10PValues.Select(log10 => new PValue(log10))])[position - 1].Log10;
}

internal sealed record LedgerHeader(string Format, string Key);

internal sealed record LedgerLine(string Previous, LedgerTest Test);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals
)]
[JsonSerializable(typeof(LedgerHeader))]
[JsonSerializable(typeof(LedgerLine))]
internal sealed partial class LedgerJson : JsonSerializerContext;
