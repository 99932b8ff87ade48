using System.Security.Cryptography;
using Isotope.Carriers;
using Isotope.Evidence;

namespace Isotope.Tests.Evidence;

public sealed class PublishedCommitmentTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CarrierKey key = CarrierKey.Create(3, 8);

    private static TestInput[] Inputs =>
        [new(TestInput.MarkingNetwork, "at.th", new string('a', 64)), new(TestInput.ReferenceName(1), "own.th", new string('b', 64))];

    [Fact]
    public void SignedWith_ThenSavedAndLoaded_IsValidAndOfTheKey()
    {
        using var signer = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(folder.File("private.pem"), signer.ExportPkcs8PrivateKeyPem());
        PublishedCommitment.Of(key, [1, 2], Inputs).SignedWith(folder.File("private.pem")).Save(folder.File("c.json"));
        var loaded = PublishedCommitment.Load(folder.File("c.json"));
        Assert.True(loaded.IsSignatureValid);
        Assert.True(loaded.IsOfKey(key));
        Assert.False(loaded.IsOfKey(CarrierKey.Create(3, 8)));
        Assert.Equal(key.Bind([1, 2]), loaded.Settings);
        Assert.Equal((new string('b', 64), null), (loaded.HashOf("reference-network 2"), loaded.HashOf(TestInput.QueryImages)));
        Assert.DoesNotContain("own.th", File.ReadAllText(folder.File("c.json")));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(signer.ExportSubjectPublicKeyInfo())), loaded.PublicKeySha256);
    }

    [Fact]
    public void IsSignatureValid_AnyFieldChanged_IsFalse()
    {
        using var signer = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(folder.File("private.pem"), signer.ExportECPrivateKeyPem());
        var signed = PublishedCommitment.Of(key, null, Inputs).SignedWith(folder.File("private.pem"));
        PublishedCommitment[] changed =
        [
            signed with
            {
                KeyCommitment = CarrierKey.Create(3, 8).Commitment,
            },
            signed with
            {
                Classes = 4,
            },
            signed with
            {
                Dimension = 9,
            },
            signed with
            {
                Settings = "x",
            },
            signed with
            {
                Inputs = [],
            },
            signed with
            {
                Inputs = [.. signed.Inputs.Reverse()],
            },
            signed with
            {
                Isotope = "9",
            },
            signed with
            {
                PublicKey = "x",
            },
        ];
        Assert.True(signed.IsSignatureValid);
        Assert.All(changed, other => Assert.False(other.IsSignatureValid));
        Assert.All(changed, other => Assert.Null(other.PublicKeySha256));
        Assert.Null(PublishedCommitment.Of(key, null, Inputs).IsSignatureValid);
    }

    /// <summary>Or else one signed statement could be read as several commitments.</summary>
    [Fact]
    public void Load_LineBreaksInFields_IsRefused()
    {
        var commitment = PublishedCommitment.Of(key, [1], Inputs);
        PublishedCommitment[] changed =
        [
            commitment with
            {
                Settings = $"{commitment.Settings}\n{new string('a', 64)} {TestInput.MarkingNetwork}",
                Inputs = [commitment.Inputs[1]],
            },
            commitment with
            {
                Inputs = [null!],
            },
        ];
        Assert.Equal(commitment.Statement, changed[0].Statement);
        foreach (var (i, other) in changed.Index())
        {
            other.Save(folder.File($"{i}.json"));
            Assert.Contains(
                "no line breaks",
                Assert.Throws<IsotopeException>(() => PublishedCommitment.Load(folder.File($"{i}.json"))).Message
            );
        }
    }

    [Fact]
    public void IsSignatureValid_KeyOfACurveThatNobodyKnows_IsFalse()
    {
        using var signer = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(folder.File("private.pem"), signer.ExportPkcs8PrivateKeyPem());
        var signed = PublishedCommitment.Of(key, null, Inputs).SignedWith(folder.File("private.pem"));
        Assert.False((signed with { PublicKey = OfUnknownCurve("PUBLIC KEY", signer.ExportSubjectPublicKeyInfo()) }).IsSignatureValid);

        File.WriteAllText(folder.File("private.pem"), OfUnknownCurve("EC PRIVATE KEY", signer.ExportECPrivateKey()));
        Assert.Contains("--sign", Assert.Throws<IsotopeException>(() => signed.SignedWith(folder.File("private.pem"))).Message);
    }

    [Fact]
    public void SignedWith_NoPrivateKey_IsRefused()
    {
        File.WriteAllText(folder.File("private.pem"), "not a key");
        Assert.Contains(
            "--sign",
            Assert.Throws<IsotopeException>(() => PublishedCommitment.Of(key, null, Inputs).SignedWith(folder.File("private.pem"))).Message
        );
    }

    [Fact]
    public void Commitment_OfAKeyMadeBefore_IsStillTheSame() =>
        Assert.Equal("4e858a83904204ba3050178e1eb5fe7833d7c93e4a0702525e193c30b5540c57", CarrierKey.FromSeed(10, 64, 502).Commitment);

    [Fact]
    public void Opening_OfAKey_OpensTheCommitmentAndKeepsTheSecret()
    {
        KeyFile.SaveOpening(key, folder.File("o.json"));
        var opened = KeyFile.LoadForTest(folder.File("o.json"));
        Assert.Equal((key.Commitment, key.Bind([7])), (opened.Commitment, opened.Bind([7])));
        Assert.Equal(key.Carrier(2), opened.Carrier(2));
        Assert.Null(opened.IsDrawnFromSecret);
        Assert.Throws<IsotopeException>(() => opened.Stream("views"));
        Assert.Contains("isotope-key-1", Assert.Throws<IsotopeException>(() => KeyFile.Load(folder.File("o.json"))).Message);
        Assert.DoesNotContain(Convert.ToBase64String(key.Secret), File.ReadAllText(folder.File("o.json")));
    }

    [Fact]
    public void IsDrawnFromSecret_ChosenCarriers_IsFalse()
    {
        using var chosen = TorchSharp.torch.eye(3);
        Assert.True(key.IsDrawnFromSecret);
        Assert.False(CarrierKey.Import(chosen, "chosen").IsDrawnFromSecret);
    }

    public void Dispose() => folder.Dispose();

    /// <summary>The key with another last byte in the identifier of P-256.</summary>
    private static string OfUnknownCurve(string label, byte[] der)
    {
        byte[] p256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
        der[der.AsSpan().IndexOf(p256) + p256.Length - 1] ^= 0x40;
        return PemEncoding.WriteString(label, der);
    }
}
