using System.Diagnostics;
using Isotope.Evidence;

namespace Isotope.Tests.Evidence;

/// <summary>Time stamps of an authority of one's own, by OpenSSL.</summary>
public sealed class TimeStampTests : IDisposable
{
    private const string Configuration = """
        [tsa]
        default_tsa = test
        [test]
        serial = serial
        signer_cert = tsa.pem
        signer_key = tsa.key
        signer_digest = sha256
        default_policy = 1.2.3.4
        digests = sha256
        ess_cert_id_alg = sha256
        """;
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Of_AnswerOfAnAuthority_DatesTheFileAndNoOther()
    {
        var answer = Stamp("document"u8.ToArray());
        var trusted = TimeStamp.Of("a.tsr", answer, "document"u8.ToArray(), folder.File("root.pem"));
        Assert.Equal("CN=Stamps", trusted.Authority);
        Assert.True(trusted.IsTrusted);
        Assert.InRange(TimeProvider.System.GetUtcNow() - trusted.Time, TimeSpan.FromMinutes(-1), TimeSpan.FromMinutes(5));
        Assert.False(TimeStamp.Of("a.tsr", answer, "document"u8.ToArray()).IsTrusted); // no authority that the system trusts

        AssertRefused("expected a time stamp of this file", answer, "another document"u8.ToArray());
        for (var at = 0; at < answer.Length; at += 37)
        {
            var changed = answer.ToArray();
            changed[at] ^= 1;
            try
            {
                _ = TimeStamp.Of("a.tsr", changed, "document"u8.ToArray()); // bytes that nobody signs, such as a status text
            }
            catch (IsotopeException) { }
        }
    }

    [Fact]
    public void Of_SomethingElse_IsRefused()
    {
        foreach (
            var bytes in (byte[][])
                [
                    [],
                    [0x30, 0x00],
                    [0x30, 0x03, 0x02, 0x01, 0x00],
                    [0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02],
                    "text"u8.ToArray(),
                ]
        )
            AssertRefused("a.tsr: expected", bytes, "document"u8.ToArray());
    }

    public void Dispose() => folder.Dispose();

    private static void AssertRefused(string part, byte[] answer, byte[] document) =>
        Assert.Contains(part, Assert.Throws<IsotopeException>(() => TimeStamp.Of("a.tsr", answer, document)).Message);

    private byte[] Stamp(byte[] document)
    {
        File.WriteAllText(folder.File("ts.cnf"), Configuration);
        File.WriteAllText(folder.File("extension"), "extendedKeyUsage=critical,timeStamping\n");
        File.WriteAllBytes(folder.File("a.tsq"), TimeStamp.Request(document));
        OpenSsl("req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -subj /CN=Root -days 30");
        OpenSsl("req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj /CN=Stamps");
        OpenSsl("x509 -req -in tsa.csr -CA root.pem -CAkey root.key -CAcreateserial -out tsa.pem -days 30 -extfile extension");
        OpenSsl("ts -reply -config ts.cnf -queryfile a.tsq -out a.tsr");
        return File.ReadAllBytes(folder.File("a.tsr"));
    }

    private void OpenSsl(string arguments)
    {
        var start = new ProcessStartInfo("openssl", arguments)
        {
            WorkingDirectory = folder.Path,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error);
    }
}
