using System.Text.Json;
using Isotope.Files;

namespace Isotope.Carriers.Draws;

/// <summary>
/// A public random value with the time it came out: nobody knew it before, and everybody can look it up. A key that depends on it could not
/// be chosen.
/// </summary>
/// <param name="Source">Whose it is: <see cref="NistPulse.SourceName"/> or a chain of <see cref="DrandRound"/>.</param>
/// <param name="Round">Its number there, such as a pulse's address.</param>
/// <param name="Time">When it came out.</param>
/// <param name="Period">Time from one value of this source to the next.</param>
/// <param name="Value">The value.</param>
public abstract record Beacon(string Source, string Round, DateTimeOffset Time, TimeSpan Period, ReadOnlyMemory<byte> Value)
{
    /// <summary>Who signed the value, as far as that was checked here; null where it was not.</summary>
    public abstract string? SignedBy { get; }

    /// <summary>Whether it is the first value of its source at or after a time.</summary>
    public bool IsFirstFrom(DateTimeOffset time) => Time >= time && Time - Period < time;

    /// <summary>Reads what a source's server answers: a pulse of NIST's beacon, or a round of drand.</summary>
    /// <param name="path">What errors call it.</param>
    /// <param name="json">The answer. A pulse may have the signer's certificate beside it, as <c>certificate</c> (PEM).</param>
    /// <param name="source">Which source it must be.</param>
    /// <exception cref="IsotopeException">It is something else, or does not fit its own signature.</exception>
    public static Beacon Parse(string path, ReadOnlyMemory<byte> json, string source)
    {
        try
        {
            using var document = JsonFile.ParseChecked(json);
            return source == NistPulse.SourceName
                ? NistPulse.Of(path, document.RootElement)
                : DrandRound.Of(path, document.RootElement, source);
        }
        catch (Exception e)
            when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or OverflowException)
        {
            throw new IsotopeException($"{path}: expected the JSON that the beacon {source} answers with, found something else", e);
        }
    }

    /// <summary>Refuses a source that is not known here.</summary>
    /// <exception cref="IsotopeException">It is none of them.</exception>
    public static void RequireSource(string source)
    {
        if (source != NistPulse.SourceName && !DrandRound.Chains.Contains(source))
            throw new IsotopeException(
                $"--beacon: expected {NistPulse.SourceName}, {string.Join(" or ", DrandRound.Chains)}, found '{Printable.Line(source)}'"
            );
    }
}
