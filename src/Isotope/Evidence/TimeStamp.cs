using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using Isotope.Files;

namespace Isotope.Evidence;

/// <summary>Somebody else's word for when a file existed: the answer of a time-stamping authority (RFC 3161).</summary>
/// <param name="Time">When the authority had the file's hash.</param>
/// <param name="Authority">The subject of its certificate.</param>
/// <param name="IsTrusted">Whether its certificate leads to a root that is trusted here, and was valid at that time.</param>
public sealed record TimeStamp(DateTimeOffset Time, string Authority, bool IsTrusted)
{
    private const string TimeStamping = "1.3.6.1.5.5.7.3.8"; // the extended key usage that an authority's certificate must have
    private const int MostBytes = 1 << 20;

    /// <summary>What an authority is asked, DER: as <c>openssl ts -query -cert -sha256</c> makes it.</summary>
    public static byte[] Request(byte[] document) =>
        Rfc3161TimestampRequest.CreateFromData(document, HashAlgorithmName.SHA256, requestSignerCertificates: true).Encode();

    /// <summary>Checks an authority's answer: that it is about the document, signed, and by whom.</summary>
    /// <param name="path">What errors call the answer.</param>
    /// <param name="answer">The answer (.tsr) or the token in it, DER.</param>
    /// <param name="document">What was stamped.</param>
    /// <param name="roots">A file of certificates to trust (PEM). Default: those that the system trusts.</param>
    /// <exception cref="IsotopeException">It is something else, about another document, or not signed by its authority.</exception>
    public static TimeStamp Of(string path, ReadOnlyMemory<byte> answer, byte[] document, string? roots = null)
    {
        var token = Token(path, answer);
        var certificates = token.AsSignedCms().Certificates;
        if (!token.VerifySignatureForData(document, out var signer, certificates) || signer is null)
            throw new IsotopeException($"{path}: expected a time stamp of this file, signed by an authority, found another file's or none");
        using (signer)
            return new TimeStamp(
                token.TokenInfo.Timestamp,
                signer.Subject,
                IsTrustedAt(token.TokenInfo.Timestamp, signer, certificates, roots)
            );
    }

    /// <summary>Reads and checks an authority's answer.</summary>
    /// <inheritdoc cref="Of"/>
    public static TimeStamp Load(string path, byte[] document, string? roots = null) => Of(path, Read(path), document, roots);

    /// <summary>The bytes of an answer's file.</summary>
    /// <exception cref="IsotopeException">It can't be read, or is too large.</exception>
    public static byte[] Read(string path) =>
        UntrustedFile.Read(
            path,
            file =>
            {
                if (file.Length > MostBytes)
                    throw UntrustedFile.Unexpected($"at most {MostBytes} bytes of a time stamp", file.Length);
                var bytes = new byte[file.Length];
                file.ReadExactly(bytes);
                return bytes;
            }
        );

    private static Rfc3161TimestampToken Token(string path, ReadOnlyMemory<byte> answer)
    {
        try
        {
            if (Rfc3161TimestampToken.TryDecode(answer, out var bare, out _))
                return bare;
            var response = new AsnReader(answer, AsnEncodingRules.BER).ReadSequence();
            var status = response.ReadSequence();
            if (status.ReadInteger() > 1) // 0 granted, 1 granted with changes
                throw new IsotopeException($"{path}: expected a time stamp, found the authority's refusal");
            if (response.HasData && Rfc3161TimestampToken.TryDecode(response.ReadEncodedValue(), out var token, out _))
                return token;
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            throw Unreadable(path, e);
        }

        throw Unreadable(path, new AsnContentException());
    }

    private static IsotopeException Unreadable(string path, Exception inner) =>
        new($"{path}: expected the answer of a time-stamping authority (RFC 3161, DER), found something else", inner);

    private static bool IsTrustedAt(DateTimeOffset time, X509Certificate2 signer, X509Certificate2Collection others, string? roots)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck; // nothing needs the network
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = time.UtcDateTime;
        chain.ChainPolicy.VerificationTimeIgnored = false;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(TimeStamping));
        chain.ChainPolicy.ExtraStore.AddRange(others);
        if (roots is not null)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(RootsIn(roots));
        }

        return chain.Build(signer);
    }

    private static X509Certificate2Collection RootsIn(string path)
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPemFile(path);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new IsotopeException($"--authority {path}: expected certificates (PEM), found something else: {e.Message}", e);
        }

        return roots.Count > 0 ? roots : throw new IsotopeException($"--authority {path}: expected certificates (PEM), found none");
    }
}
