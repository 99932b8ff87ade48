using System.Text.Json.Nodes;
using Isotope.Carriers;

namespace Isotope.Tests.Carriers;

public sealed class KeyFileTests
{
    private const string Sizes = "expected at least 2 classes and dimensions and a secret of 32 bytes, found something else";

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
    public void Load_SmallestKey_IsTaken()
    {
        using var folder = new TemporaryFolder();
        KeyFile.Save(CarrierKey.Create(2, 2), folder.File("a.key"));
        var key = KeyFile.Load(folder.File("a.key"));
        Assert.Equal((2, 2), (key.Classes, key.Dimension));
    }

    [Fact]
    public void Save_OnUnix_IsReadableByTheOwnerAlone()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var folder = new TemporaryFolder();
        KeyFile.Save(CarrierKey.Create(2, 2), folder.File("a.key"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.File("a.key")));
    }

    [Fact]
    public void Save_ExistingFile_IsRefused()
    {
        using var folder = new TemporaryFolder();
        KeyFile.Save(CarrierKey.Create(2, 2), folder.File("a.key"));
        var message = $"{folder.File("a.key")}: expected a new file, found one; a key is never overwritten";
        Assert.Equal(message, Assert.Throws<IsotopeException>(() => KeyFile.Save(CarrierKey.Create(2, 2), folder.File("a.key"))).Message);
        Assert.Equal(
            message,
            Assert.Throws<IsotopeException>(() => KeyFile.SaveOpening(CarrierKey.Create(2, 2), folder.File("a.key"))).Message
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("not json")]
    [InlineData("""{"format":"isotope-key-2","classes":2,"dimension":2,"origin":"x","commitment":"","secret":"","carriers":""}""")]
    [InlineData(
        """{"format":"isotope-key-1","classes":2000000000,"dimension":2000000000,"origin":"x","commitment":"","secret":"","carriers":""}"""
    )]
    [InlineData("""{"format":"isotope-key-1","classes":2,"dimension":2,"origin":null,"commitment":null,"secret":null,"carriers":null}""")]
    public void Load_NotAKey_IsRefusedByName(string content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("bad.key"), content);
        Assert.Contains("bad.key: expected", Assert.Throws<IsotopeException>(() => KeyFile.Load(folder.File("bad.key"))).Message);
    }

    [Theory]
    [InlineData("classes", "1", Sizes)]
    [InlineData("classes", "4", "expected 4 × 2 carriers, found 6 values")]
    [InlineData("dimension", "1", Sizes)]
    [InlineData("dimension", "3", "expected 3 × 3 carriers, found 6 values")]
    [InlineData("secret", "\"AAAA\"", Sizes)]
    [InlineData("secret", "null", Sizes)]
    [InlineData("carriers", "\"AACAPwAAAAAAAIA/AAAAAAAAgD8AAAA/\"", "expected a carrier of norm 1 for class 2, found norm 1.11803")]
    [InlineData("carriers", "\"AACAPwAAAAAAAMB/AAAAAAAAgD8AAAAA\"", "expected a carrier of norm 1 for class 1, found norm NaN")]
    [InlineData(
        "commitment",
        "\"5eed\"",
        "expected commitment 5eed, found e67d8fa7a5ccf8290ea76126d91aea3610d6cedecfc5785580c2131c46d36b75"
    )]
    [InlineData("format", "\"isotope-key-9\"", "expected format isotope-key-1 or isotope-key-2, found 'isotope-key-9'")]
    [InlineData("format", "\"isotope-opening-1\"", "expected format isotope-key-1 or isotope-key-2, found 'isotope-opening-1'")]
    public void Load_ChangedKey_IsRefusedByName(string part, string value, string message) =>
        AssertRefused((key, path) => KeyFile.Save(key, path), path => KeyFile.Load(path), part, value, message);

    [Theory]
    [InlineData("salt", "null", Sizes)]
    [InlineData("salt", "\"AAAA\"", Sizes)]
    [InlineData("format", "\"isotope-other-9\"", "expected a key (isotope-key-1, isotope-key-2) or an opening, found 'isotope-other-9'")]
    public void LoadForTest_ChangedOpening_IsRefusedByName(string part, string value, string message) =>
        AssertRefused(KeyFile.SaveOpening, path => KeyFile.LoadForTest(path), part, value, message);

    /// <summary>Saves a key, changes a part of the file, and expects the error that names the file.</summary>
    private static void AssertRefused(Action<CarrierKey, string> save, Action<string> load, string part, string value, string message)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("a.key");
        save(CarrierKey.FromSeed(3, 2, 1), path);
        var document = JsonNode.Parse(File.ReadAllText(path))!;
        document[part] = JsonNode.Parse(value);
        File.WriteAllText(path, document.ToJsonString());
        Assert.Equal($"{path}: {message}", Assert.Throws<IsotopeException>(() => load(path)).Message);
    }
}
