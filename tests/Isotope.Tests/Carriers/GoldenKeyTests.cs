using System.Text.Json;
using System.Text.Json.Nodes;
using Isotope.Carriers;

namespace Isotope.Tests.Carriers;

/// <summary>
/// A key must still open in ten years and give the same values: it is compared with Golden/make_golden.py, which was written from the
/// description of the formats alone.
/// </summary>
public sealed class GoldenKeyTests
{
    private static readonly Derived Expected = JsonSerializer.Deserialize<Derived>(
        File.ReadAllText(PathOf("derived.json")),
        JsonSerializerOptions.Web
    )!;

    [Fact]
    public void FromSeed_Seven_IsTheGoldenKey()
    {
        var key = CarrierKey.FromSeed(3, 4, 7);
        Assert.Equal((3, 4, "seed 7", null), (key.Classes, key.Dimension, key.Origin, key.Created));
        Assert.Equal(Expected.Carriers, key.Carriers.ToArray());
        AssertGolden(key);
    }

    [Fact]
    public void Load_GoldenKey_HasAllValues()
    {
        var key = KeyFile.Load(PathOf("key.json"));
        Assert.Equal((3, 4, "seed 7", new DateOnly(2026, 1, 2)), (key.Classes, key.Dimension, key.Origin, key.Created));
        Assert.True(key.IsDrawnFromSecret);
        AssertGolden(key);
        AssertGolden(KeyFile.LoadForTest(PathOf("key.json")));
    }

    [Fact]
    public void Load_GoldenKeyUnderItsPassphrase_IsTheSame() => AssertGolden(KeyFile.Load(PathOf("locked.json"), () => "correct horse"));

    [Fact]
    public void Save_GoldenKeyAndOpening_GivesTheGoldenFiles()
    {
        using var folder = new TemporaryFolder();
        var key = KeyFile.Load(PathOf("key.json"));
        KeyFile.Save(key, folder.File("key.json"));
        KeyFile.SaveOpening(key, folder.File("opening.json"));
        foreach (var name in new[] { "key.json", "opening.json" })
            Assert.True(
                JsonNode.DeepEquals(JsonNode.Parse(File.ReadAllText(PathOf(name))), JsonNode.Parse(File.ReadAllText(folder.File(name)))),
                name
            );
    }

    [Fact]
    public void LoadForTest_GoldenOpening_HasCarriersAndNoSecret()
    {
        var opened = KeyFile.LoadForTest(PathOf("opening.json"));
        Assert.Equal((3, 4, "seed 7", new DateOnly(2026, 1, 2)), (opened.Classes, opened.Dimension, opened.Origin, opened.Created));
        Assert.Equal(Expected.Carriers, opened.Carriers.ToArray());
        Assert.Equal(Expected.Bound, opened.Bind("settings"u8));
        Assert.Null(opened.IsDrawnFromSecret);
        const string Without = "key: expected a key with its secret, found one that was opened without it";
        Assert.Equal(Without, Assert.Throws<IsotopeException>(() => opened.Stream("views")).Message);
        Assert.Equal(Without, Assert.Throws<IsotopeException>(() => opened.CounterfactualCarrier(0, 1)).Message);
    }

    private static void AssertGolden(CarrierKey key)
    {
        Assert.Equal("2c1fa468a5790b57fadf20d2c0178996f28e333bd67dba5527beb66f6be65b13", key.Commitment);
        Assert.Equal(Expected.Bound, key.Bind("settings"u8));
        Assert.Equal(Expected.Stream, key.Stream("views").NextUInt64().ToString());
        Assert.Equal(
            Expected.Counterfactual,
            Enumerable.Range(0, key.Classes).SelectMany(label => key.CounterfactualCarrier(label, 2).ToArray())
        );
        Assert.Equal(Expected.PublishedTwin, key.TwinCarrier("a.png", 0).ToArray());
        Assert.Equal(Expected.SecretTwin, key.TwinCarrier("a.png", 1).ToArray());
        using var carriers = key.ToTensor();
        Assert.Equal([3, 4], carriers.shape);
        Assert.Equal(Expected.Carriers, carriers.data<float>().ToArray());
    }

    private static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Carriers", "Golden", name);

    private sealed record Derived(
        string Bound,
        string Stream,
        float[] Carriers,
        float[] Counterfactual,
        float[] PublishedTwin,
        float[] SecretTwin
    );
}
