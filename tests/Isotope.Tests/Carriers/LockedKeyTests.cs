using System.Text.Json.Nodes;
using Isotope.Carriers;

namespace Isotope.Tests.Carriers;

public sealed class LockedKeyTests : IDisposable
{
    private const string Passphrase = "correct horse battery staple";
    private readonly TemporaryFolder folder = new();
    private readonly CarrierKey key = CarrierKey.Create(3, 16);

    [Fact]
    public void Save_WithPassphrase_OpensWithItAloneAndShowsNothing()
    {
        KeyFile.Save(key, folder.File("k"), Passphrase);
        Assert.Equal(key.Secret, KeyFile.Load(folder.File("k"), () => Passphrase).Secret);
        Assert.Equal(key.Carriers, KeyFile.LoadForTest(folder.File("k"), () => Passphrase).Carriers);
        Assert.Contains("passphrase", Assert.Throws<IsotopeException>(() => KeyFile.Load(folder.File("k"), () => "another")).Message);
        Assert.Contains("passphrase", Assert.Throws<IsotopeException>(() => KeyFile.Load(folder.File("k"))).Message);
        Assert.DoesNotContain(key.Commitment, File.ReadAllText(folder.File("k")));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.File("k")));
    }

    [Fact]
    public void Save_Twice_NeverHasTheSameSaltOrNonce()
    {
        JsonNode[] files = [.. new[] { "a", "b" }.Select(name => Saved(name))];
        foreach (var part in new[] { "salt", "nonce", "content" }) Assert.NotEqual(files[0][part]!.ToString(), files[1][part]!.ToString());
    }

    [Theory]
    [InlineData("iterations", "2000000000")]
    [InlineData("iterations", "1")]
    [InlineData("iterations", "600001")]
    [InlineData("nonce", "\"\"")]
    [InlineData("salt", "\"AAAA\"")]
    [InlineData("tag", "\"AAAAAAAAAAAAAAAAAAAAAA==\"")]
    [InlineData("content", "\"\"")]
    [InlineData("content", "null")]
    [InlineData("format", "\"isotope-locked-key-2\"")]
    public void Load_HostileParameters_AreRefusedByName(string part, string value)
    {
        var file = Saved("k");
        file[part] = JsonNode.Parse(value);
        File.WriteAllText(folder.File("bad"), file.ToJsonString());
        Assert.Contains("bad: expected", Assert.Throws<IsotopeException>(() => KeyFile.Load(folder.File("bad"), () => Passphrase)).Message);
    }

    [Fact]
    public void Relock_EncryptedAndDecryptedAgain_IsTheSameFile()
    {
        KeyFile.Save(key, folder.File("k"));
        var plain = File.ReadAllText(folder.File("k"));
        KeyFile.Relock(folder.File("k"), () => Passphrase, () => Passphrase);
        Assert.DoesNotContain(Convert.ToBase64String(key.Secret), File.ReadAllText(folder.File("k")));
        Assert.Throws<IsotopeException>(() => KeyFile.Relock(folder.File("k"), () => Passphrase, () => Passphrase));
        Assert.Throws<IsotopeException>(() => KeyFile.Relock(folder.File("k"), () => "another", closing: null));
        KeyFile.Relock(folder.File("k"), () => Passphrase, closing: null);
        Assert.Equal(plain, File.ReadAllText(folder.File("k")));
        Assert.Throws<IsotopeException>(() => KeyFile.Relock(folder.File("k"), () => Passphrase, closing: null));
    }

    public void Dispose() => folder.Dispose();

    private JsonNode Saved(string name)
    {
        KeyFile.Save(key, folder.File(name), Passphrase);
        return JsonNode.Parse(File.ReadAllText(folder.File(name)))!;
    }
}
