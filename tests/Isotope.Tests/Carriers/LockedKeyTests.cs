using System.Text.Json.Nodes;
using Isotope.Carriers;

namespace Isotope.Tests.Carriers;

public sealed class LockedKeyTests : IDisposable
{
    private const string Passphrase = "correct horse battery staple";
    private const string WrongPassphrase = "expected the passphrase of this key, found another (or the file is damaged)";
    private const string OtherParameters = "expected format isotope-locked-key-1 of 100000 to 10000000 iterations, found other parameters";
    private readonly TemporaryFolder folder = new();
    private readonly CarrierKey key = CarrierKey.Create(3, 16);

    [Fact]
    public void Save_WithPassphrase_OpensWithItAloneAndShowsNothing()
    {
        KeyFile.Save(key, folder.File("k"), Passphrase);
        Assert.Equal(key.Secret, KeyFile.Load(folder.File("k"), () => Passphrase).Secret);
        Assert.Equal(key.Carriers, KeyFile.LoadForTest(folder.File("k"), () => Passphrase).Carriers);
        AssertRefused(WrongPassphrase, () => KeyFile.Load(folder.File("k"), () => "another"));
        AssertRefused(
            "expected a key without a passphrase, found an encrypted one; isotope key decrypt removes the passphrase",
            () => KeyFile.Load(folder.File("k"))
        );
        Assert.DoesNotContain(key.Commitment, File.ReadAllText(folder.File("k")));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.File("k")));
    }

    [Fact]
    public void Save_Twice_NeverHasTheSameSaltOrNonce()
    {
        JsonNode[] files = [.. new[] { "a", "b" }.Select(name => Saved(name))];
        foreach (var part in new[] { "salt", "nonce", "content" })
            Assert.NotEqual(files[0][part]!.ToString(), files[1][part]!.ToString());
    }

    [Fact]
    public void Save_Always_UsesTheRecommendedIterations() => Assert.Equal(600_000, Saved("k")["iterations"]!.GetValue<int>());

    [Theory]
    [InlineData("iterations", "2000000000", OtherParameters)]
    [InlineData("iterations", "10000001", OtherParameters)]
    [InlineData("iterations", "99999", OtherParameters)]
    [InlineData("iterations", "100000", WrongPassphrase)]
    [InlineData("iterations", "600001", WrongPassphrase)]
    [InlineData("nonce", "\"\"", OtherParameters)]
    [InlineData("salt", "\"AAAA\"", OtherParameters)]
    [InlineData("tag", "\"AAAA\"", OtherParameters)]
    [InlineData("tag", "\"AAAAAAAAAAAAAAAAAAAAAA==\"", WrongPassphrase)]
    [InlineData("content", "\"\"", WrongPassphrase)]
    [InlineData("content", "null", "expected an Isotope key (JSON), found something else (line 1)")]
    [InlineData("format", "\"isotope-locked-key-2\"", "expected an Isotope key (JSON), found something else (line 1)")]
    public void Load_HostileParameters_AreRefusedByName(string part, string value, string message)
    {
        var file = Saved("k");
        file[part] = JsonNode.Parse(value);
        File.WriteAllText(folder.File("k"), file.ToJsonString());
        AssertRefused(message, () => KeyFile.Load(folder.File("k"), () => Passphrase));
    }

    [Fact]
    public void Open_AnotherFormat_IsRefused()
    {
        var locked = LockedKey.Of([1, 2, 3], Passphrase);
        Assert.Equal([1, 2, 3], locked.Open("k", Passphrase));
        AssertRefused(OtherParameters, () => (locked with { Format = "isotope-locked-key-2" }).Open(folder.File("k"), Passphrase));
    }

    [Fact]
    public void Relock_EncryptedAndDecryptedAgain_IsTheSameFile()
    {
        KeyFile.Save(key, folder.File("k"));
        var plain = File.ReadAllText(folder.File("k"));
        KeyFile.Relock(folder.File("k"), () => Passphrase, () => Passphrase);
        Assert.DoesNotContain(Convert.ToBase64String(key.Secret), File.ReadAllText(folder.File("k")));
        AssertRefused(
            "expected a key without a passphrase; isotope key decrypt removes it, found one that has a passphrase",
            () => KeyFile.Relock(folder.File("k"), () => Passphrase, () => Passphrase)
        );
        AssertRefused(WrongPassphrase, () => KeyFile.Relock(folder.File("k"), () => "another", closing: null));
        KeyFile.Relock(folder.File("k"), () => Passphrase, closing: null);
        Assert.Equal(plain, File.ReadAllText(folder.File("k")));
        AssertRefused(
            "expected a key with a passphrase, found one without",
            () => KeyFile.Relock(folder.File("k"), () => Passphrase, closing: null)
        );
    }

    /// <summary>Otherwise the key itself would stay as it was, and the link would become a file.</summary>
    [Fact]
    public void Relock_LinkToAKey_EncryptsTheKeyItself()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need rights there");
        KeyFile.Save(key, folder.File("k"));
        File.CreateSymbolicLink(folder.File("link"), folder.File("k"));
        KeyFile.Relock(folder.File("link"), () => Passphrase, () => Passphrase);
        Assert.NotNull(new FileInfo(folder.File("link")).LinkTarget);
        AssertRefused(WrongPassphrase, () => KeyFile.Load(folder.File("k"), () => "another"));
    }

    [Fact]
    public void Relock_DamagedKey_IsLeftAsItIs()
    {
        KeyFile.Save(key, folder.File("k"));
        var damaged = File.ReadAllText(folder.File("k")).Replace(key.Commitment, "5eed");
        File.WriteAllText(folder.File("k"), damaged);
        AssertRefused(
            $"expected commitment 5eed, found {key.Commitment}",
            () => KeyFile.Relock(folder.File("k"), () => Passphrase, () => Passphrase)
        );
        Assert.Equal(damaged, File.ReadAllText(folder.File("k")));
    }

    public void Dispose() => folder.Dispose();

    private void AssertRefused(string message, Action open) =>
        Assert.Equal($"{folder.File("k")}: {message}", Assert.Throws<IsotopeException>(open).Message);

    private JsonNode Saved(string name)
    {
        KeyFile.Save(key, folder.File(name), Passphrase);
        return JsonNode.Parse(File.ReadAllText(folder.File(name)))!;
    }
}
