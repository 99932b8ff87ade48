using Isotope.Carriers;

namespace Isotope.Tests.Carriers;

public sealed class KeyFileTests
{
    [Fact]
    public void Load_AfterSave_GivesTheSameKey()
    {
        using var folder = new TemporaryFolder();
        var key = CarrierKey.Create(4, 16);
        KeyFile.Save(key, folder.File("a.key"));
        var loaded = KeyFile.Load(folder.File("a.key"));
        Assert.Equal(key.Commitment, loaded.Commitment);
        Assert.Equal(key.Carriers.ToArray(), loaded.Carriers.ToArray());
        Assert.Equal(key.Stream("x").NextUInt64(), loaded.Stream("x").NextUInt64());
    }

    [Fact]
    public void Save_OnUnix_IsReadableByTheOwnerAlone()
    {
        if (OperatingSystem.IsWindows()) return;
        using var folder = new TemporaryFolder();
        KeyFile.Save(CarrierKey.Create(2, 2), folder.File("a.key"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.File("a.key")));
    }

    [Fact]
    public void Save_ExistingFile_IsRefused()
    {
        using var folder = new TemporaryFolder();
        KeyFile.Save(CarrierKey.Create(2, 2), folder.File("a.key"));
        Assert.Throws<IsotopeException>(() => KeyFile.Save(CarrierKey.Create(2, 2), folder.File("a.key")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("not json")]
    [InlineData("""{"format":"isotope-key-2","classes":2,"dimension":2,"origin":"x","commitment":"","secret":"","carriers":""}""")]
    [InlineData("""{"format":"isotope-key-1","classes":2000000000,"dimension":2000000000,"origin":"x","commitment":"","secret":"","carriers":""}""")]
    [InlineData("""{"format":"isotope-key-1","classes":2,"dimension":2,"origin":null,"commitment":null,"secret":null,"carriers":null}""")]
    public void Load_NotAKey_IsRefusedByName(string content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("bad.key"), content);
        Assert.Contains("bad.key: expected", Assert.Throws<IsotopeException>(() => KeyFile.Load(folder.File("bad.key"))).Message);
    }

    [Fact]
    public void Load_ChangedCarrier_IsRefused()
    {
        using var folder = new TemporaryFolder();
        KeyFile.Save(CarrierKey.FromSeed(2, 2, 1), folder.File("a.key"));
        var other = CarrierKey.FromSeed(2, 2, 2);
        var changed = File.ReadAllText(folder.File("a.key")).Replace(CarrierKey.FromSeed(2, 2, 1).Commitment, other.Commitment);
        File.WriteAllText(folder.File("b.key"), changed);
        Assert.Contains("commitment", Assert.Throws<IsotopeException>(() => KeyFile.Load(folder.File("b.key"))).Message);
    }
}
