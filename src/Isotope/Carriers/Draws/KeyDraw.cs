using System.Security.Cryptography;
using System.Text;
using Isotope.Files;

namespace Isotope.Carriers.Draws;

/// <summary>
/// What a key was drawn with besides its secrets: the plan, which fixes everything that the owner could choose, and a public random value
/// that came out after it. To choose another plan is to draw another key, and nobody could try keys before the value was known.
/// </summary>
/// <param name="Plan">The plan's file, byte for byte.</param>
/// <param name="Beacon">The beacon's answer, byte for byte.</param>
/// <param name="Source">The beacon's source.</param>
/// <param name="TimeStamp">Somebody else's time stamp of the plan (RFC 3161); null where there is none.</param>
public sealed record KeyDraw(byte[] Plan, byte[] Beacon, string Source, byte[]? TimeStamp)
{
    private const string Purpose = "isotope draw 1";

    /// <summary>SHA-256 of the plan, in hexadecimal.</summary>
    public string PlanSha256 => Hashes.OfBytes(Plan);

    /// <summary>The beacon's value.</summary>
    /// <exception cref="IsotopeException">It is no answer of the source.</exception>
    public Beacon ReadBeacon() => Draws.Beacon.Parse("beacon", Beacon, Source);

    /// <summary>The secret of a key's streams: HMAC of plan and beacon under a secret that the plan commits to.</summary>
    internal byte[] Mix(ReadOnlySpan<byte> secret) =>
        HMACSHA256.HashData(
            secret,
            Encoding.UTF8.GetBytes($"{Purpose}\n{PlanSha256}\n{Source}\n{Convert.ToHexStringLower(ReadBeacon().Value.Span)}\n")
        );
}
