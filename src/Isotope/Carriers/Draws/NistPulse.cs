using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Isotope.Carriers.Draws;

/// <summary>A pulse of NIST's Randomness Beacon, version 2 (NISTIR 8213): 512 random bits a minute, each pulse signed with RSA.</summary>
public sealed record NistPulse : Beacon
{
    /// <summary>The source's name.</summary>
    public const string SourceName = "nist";

    private const int KnownSuite = 0; // SHA-512, RSA with PKCS #1 v1.5

    private NistPulse(string uri, DateTimeOffset time, TimeSpan period, byte[] value, string? signedBy)
        : base(SourceName, uri, time, period, value) => SignedBy = signedBy;

    /// <summary>Subject and SHA-256 of the certificate; null where none is beside the pulse.</summary>
    public override string? SignedBy { get; }

    internal static NistPulse Of(string path, JsonElement document)
    {
        var pulse = document.GetProperty("pulse");
        var message = Message(pulse);
        var signature = Hex(pulse, "signatureValue");
        var output = Hex(pulse, "outputValue");
        if (pulse.GetProperty("cipherSuite").GetInt32() != KnownSuite)
            throw new IsotopeException($"{path}: expected a pulse of cipher suite {KnownSuite}, found another");
        if (!SHA512.HashData([.. message, .. signature]).AsSpan().SequenceEqual(output))
            throw new IsotopeException(
                $"{path}: expected a value that follows from the pulse and its signature, found another: it was changed"
            );
        var time = DateTimeOffset.Parse(Text(pulse, "timeStamp"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        var period = TimeSpan.FromMilliseconds(pulse.GetProperty("period").GetInt32());
        var certificate = document.TryGetProperty("certificate", out var pem) ? pem.GetString() : null;
        return new NistPulse(
            Text(pulse, "uri"),
            time,
            period,
            output,
            certificate is null ? null : Signer(path, certificate, message, signature)
        );
    }

    /// <summary>What is signed: the pulse's fields in their order, numbers big endian, texts and values after their length.</summary>
    internal static byte[] Message(JsonElement pulse)
    {
        var external = pulse.GetProperty("external");
        return
        [
            .. Counted(Encoding.UTF8.GetBytes(Text(pulse, "uri"))),
            .. Counted(Encoding.UTF8.GetBytes(Text(pulse, "version"))),
            .. Int32(pulse, "cipherSuite"),
            .. Int32(pulse, "period"),
            .. Counted(Hex(pulse, "certificateId")),
            .. Int64(pulse, "chainIndex"),
            .. Int64(pulse, "pulseIndex"),
            .. Counted(Encoding.UTF8.GetBytes(Text(pulse, "timeStamp"))),
            .. Counted(Hex(pulse, "localRandomValue")),
            .. Counted(Hex(external, "sourceId")),
            .. Int32(external, "statusCode"),
            .. Counted(Hex(external, "value")),
            .. pulse.GetProperty("listValues").EnumerateArray().SelectMany(past => Counted(Hex(past, "value"))),
            .. Counted(Hex(pulse, "precommitmentValue")),
            .. Int32(pulse, "statusCode"),
        ];
    }

    private static string Signer(string path, string pem, byte[] message, byte[] signature)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(pem);
            using var key = certificate.GetRSAPublicKey();
            if (key?.VerifyData(message, signature, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1) is true)
                return $"{certificate.Subject}, certificate SHA-256 {Convert.ToHexStringLower(SHA256.HashData(certificate.RawData))}";
        }
        catch (CryptographicException e)
        {
            throw new IsotopeException($"{path}: expected a certificate (PEM) beside the pulse, found something else", e);
        }

        throw new IsotopeException($"{path}: expected a signature by the certificate beside the pulse, found another's");
    }

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString() ?? throw new FormatException();

    private static byte[] Hex(JsonElement of, string name) => Convert.FromHexString(Text(of, name));

    private static byte[] Int32(JsonElement of, string name)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, of.GetProperty(name).GetInt32());
        return bytes;
    }

    private static byte[] Int64(JsonElement of, string name)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, of.GetProperty(name).GetInt64());
        return bytes;
    }

    private static byte[] Counted(byte[] value)
    {
        var length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, value.Length);
        return [.. length, .. value];
    }
}
