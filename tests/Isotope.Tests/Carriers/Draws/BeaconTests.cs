using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Isotope.Carriers.Draws;

namespace Isotope.Tests.Carriers.Draws;

/// <summary>Public random values: a pulse that NIST published, and rounds that drand published.</summary>
public sealed class BeaconTests
{
    private static readonly byte[] Pulse = File.ReadAllBytes(
        Path.Combine(AppContext.BaseDirectory, "Carriers", "Draws", "Golden", "nist-pulse-961833.json")
    );

    [Fact]
    public void Parse_PulseOfNist_FollowsFromItsSignature()
    {
        var pulse = Beacon.Parse("pulse.json", Pulse, NistPulse.SourceName);
        Assert.Equal("https://beacon.nist.gov/beacon/2.0/chain/1/pulse/961833", pulse.Round);
        Assert.Equal(new DateTimeOffset(2020, 7, 5, 8, 7, 0, TimeSpan.Zero), pulse.Time);
        Assert.StartsWith("a9423f6ace0182ca81bf568d68bea5ba", Convert.ToHexStringLower(pulse.Value.Span));
        Assert.Null(pulse.SignedBy);
    }

    [Theory]
    [InlineData("timeStamp", "2020-07-05T08:08:00.000Z")]
    [InlineData("uri", "https://beacon.nist.gov/beacon/2.0/chain/1/pulse/961834")]
    [InlineData("outputValue", "00")]
    public void Parse_PulseThatWasChanged_IsRefused(string field, string value)
    {
        var document = JsonNode.Parse(Pulse)!;
        document["pulse"]![field] = value;
        AssertRefused("it was changed", document.ToJsonString(), NistPulse.SourceName);
    }

    [Fact]
    public void Parse_PulseWithACertificate_ChecksItsSignature()
    {
        using var key = RSA.Create(2048);
        using var certificate = Certificate(key, "CN=Beacon");
        var document = Signed(key, "2030-01-02T03:04:00.000Z");
        document["certificate"] = certificate.ExportCertificatePem();
        var pulse = Beacon.Parse("pulse.json", Encoding.UTF8.GetBytes(document.ToJsonString()), NistPulse.SourceName);
        Assert.StartsWith("CN=Beacon, certificate SHA-256 ", pulse.SignedBy);

        using var other = RSA.Create(2048);
        using var others = Certificate(other, "CN=Other");
        document["certificate"] = others.ExportCertificatePem();
        AssertRefused("signature by the certificate", document.ToJsonString(), NistPulse.SourceName);
        document["certificate"] = "no certificate";
        AssertRefused("expected a certificate (PEM)", document.ToJsonString(), NistPulse.SourceName);
    }

    /// <summary>Rounds and values as drand and its libraries publish them.</summary>
    [Theory]
    [InlineData(
        "drand-quicknet",
        657413,
        "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b",
        "fc1873a13f3545aeade8401532ef5519920652eee6b0d2b19ca12643b87b3587",
        "2023-09-15T11:00:03Z"
    )]
    [InlineData(
        "drand-default",
        1337,
        "945b08dcb30e24da281ccf14a646f0630ceec515af5c5895e18cc1b19edd65d156b71c776a369af3487f1bc6af106250"
            + "0b059e01095cc0eedce91713977d7735cac675554edfa0d0481bb991ed93d333d08286192c05bf6b65d20f23a37fc7bb",
        "2660664f8d4bc401194d80d81da20a1e79480f65b8e2d205aecbd143b5bfb0d3",
        "2020-07-23T02:25:30Z"
    )]
    public void Parse_RoundOfDrand_IsTheHashOfItsSignature(string chain, long round, string signature, string randomness, string time)
    {
        var answer = new JsonObject
        {
            ["round"] = round,
            ["signature"] = signature,
            ["randomness"] = randomness,
        };
        var value = Beacon.Parse("round.json", Encoding.UTF8.GetBytes(answer.ToJsonString()), chain);
        Assert.Equal(randomness, Convert.ToHexStringLower(value.Value.Span));
        Assert.Equal(DateTimeOffset.Parse(time, CultureInfo.InvariantCulture), value.Time);
        Assert.Equal(round.ToString(CultureInfo.InvariantCulture), value.Round);

        answer["randomness"] = new string('0', 64);
        AssertRefused("it was changed", answer.ToJsonString(), chain);
        answer.Remove("randomness");
        answer["signature"] = "00";
        AssertRefused("it was changed", answer.ToJsonString(), chain);
    }

    [Fact]
    public void IsFirstFrom_TimesAround_TakesOneValueAlone()
    {
        var pulse = Beacon.Parse("pulse.json", Pulse, NistPulse.SourceName);
        Assert.True(pulse.IsFirstFrom(pulse.Time));
        Assert.True(pulse.IsFirstFrom(pulse.Time.AddSeconds(-59)));
        Assert.False(pulse.IsFirstFrom(pulse.Time.AddSeconds(-60)));
        Assert.False(pulse.IsFirstFrom(pulse.Time.AddSeconds(1)));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"pulse\": 3}")]
    [InlineData("{\"pulse\": {\"uri\": null}}")]
    [InlineData("{\"round\": \"a\", \"signature\": \"zz\"}")]
    [InlineData("{\"round\": 1e400, \"signature\": 1}")]
    [InlineData("no JSON")]
    public void Parse_SomethingElse_IsRefused(string json)
    {
        AssertRefused("expected", json, NistPulse.SourceName);
        AssertRefused("expected", json, "drand-quicknet");
    }

    /// <summary>A pulse at a time of one's choice, signed with one's own key.</summary>
    internal static JsonNode Signed(RSA key, string time)
    {
        var document = JsonNode.Parse(Pulse)!;
        var pulse = document["pulse"]!;
        pulse["timeStamp"] = time;
        var message = MessageOf(pulse);
        var signature = key.SignData(message, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1);
        pulse["signatureValue"] = Convert.ToHexString(signature);
        pulse["outputValue"] = Convert.ToHexString(SHA512.HashData([.. message, .. signature]));
        return document;
    }

    private static byte[] MessageOf(JsonNode pulse)
    {
        using var document = System.Text.Json.JsonDocument.Parse(pulse.ToJsonString());
        return NistPulse.Message(document.RootElement);
    }

    private static X509Certificate2 Certificate(RSA key, string subject) =>
        new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(
            DateTimeOffset.UnixEpoch,
            DateTimeOffset.UnixEpoch.AddYears(100)
        );

    private static void AssertRefused(string part, string json, string source) =>
        Assert.Contains(
            part,
            Assert.Throws<IsotopeException>(() => Beacon.Parse("beacon.json", Encoding.UTF8.GetBytes(json), source)).Message
        );
}
