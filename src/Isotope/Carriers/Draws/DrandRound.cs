using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace Isotope.Carriers.Draws;

/// <summary>
/// A round of drand's League of Entropy: a threshold signature of some twenty organisations, whose hash is the random value. Its time
/// follows from its number. The signature itself (BLS12-381) is not checked here: whoever doubts it looks the round up.
/// </summary>
public sealed record DrandRound : Beacon
{
    private static readonly Dictionary<string, (long Genesis, int Period, int SignatureLength)> Known = new(StringComparer.Ordinal)
    {
        ["drand-quicknet"] = (1692803367, 3, 48), // chain 52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971
        ["drand-default"] = (1595431050, 30, 96), // chain 8990e7a9aaed2ffed73dbd7092123d6f289930540d7651336225dc172e51b2ce
    };

    private DrandRound(string source, long round, DateTimeOffset time, TimeSpan period, byte[] value)
        : base(source, round.ToString(CultureInfo.InvariantCulture), time, period, value) { }

    /// <summary>Names of the chains whose times are known.</summary>
    public static IEnumerable<string> Chains => Known.Keys;

    /// <inheritdoc/>
    public override string? SignedBy => null;

    internal static DrandRound Of(string path, JsonElement document, string chain)
    {
        var (genesis, period, length) = Known[chain];
        var round = document.GetProperty("round").GetInt64();
        var signature = Convert.FromHexString(document.GetProperty("signature").GetString() ?? "");
        var value = SHA256.HashData(signature);
        var isOfChain = round >= 1 && signature.Length == length;
        var stated = document.TryGetProperty("randomness", out var randomness) ? randomness.GetString() : null;
        if (!isOfChain || (stated is not null && !Convert.FromHexString(stated).AsSpan().SequenceEqual(value)))
            throw new IsotopeException(
                $"{path}: expected a round of {chain} whose randomness is the hash of its signature, found another: it was changed"
            );
        var time = DateTimeOffset.FromUnixTimeSeconds(checked(genesis + (round - 1) * period));
        return new DrandRound(chain, round, time, TimeSpan.FromSeconds(period), value);
    }
}
