using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Isotope.Carriers;
using Isotope.Carriers.Draws;

namespace Isotope.Tests.Carriers.Draws;

/// <summary>Keys that are drawn with a plan and a public random value.</summary>
public sealed class UndrawnKeyTests
{
    private static readonly UndrawnKey Key = new(3, 8, SHA256.HashData("secret"u8));

    [Fact]
    public void Draw_OtherPlanOrValue_GivesAnotherKey()
    {
        var key = Key.Draw(DrawOf("plan", 1));
        Assert.Equal(CarrierKey.DrawnOrigin, key.Origin);
        Assert.Equal(key.Commitment, Key.Draw(DrawOf("plan", 1)).Commitment);
        foreach (var other in (KeyDraw[])[DrawOf("plan.", 1), DrawOf("plan", 2)])
        {
            var drawn = Key.Draw(other);
            Assert.NotEqual(key.Carrier(0).ToArray(), drawn.Carrier(0).ToArray());
            Assert.NotEqual(key.Stream("select a.png").NextUInt64(), drawn.Stream("select a.png").NextUInt64());
            Assert.NotEqual(key.TwinCarrier("a.png", 0).ToArray(), drawn.TwinCarrier("a.png", 0).ToArray());
        }
    }

    /// <summary>As ARCHITECTURE describes it, so that it stays: HMACs of secrets, plan and value.</summary>
    [Fact]
    public void Draw_ByTheDescription_GivesTheSameCarriers()
    {
        var draw = DrawOf("plan", 1);
        var carrierSecret = HMACSHA256.HashData(SHA256.HashData("secret"u8), "isotope carrier secret 1"u8.ToArray());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(carrierSecret)), Key.CarrierSecretSha256);
        var value = Convert.ToHexStringLower(draw.ReadBeacon().Value.Span);
        var plan = Convert.ToHexStringLower(SHA256.HashData("plan"u8));
        var mixed = HMACSHA256.HashData(carrierSecret, Encoding.UTF8.GetBytes($"isotope draw 1\n{plan}\ndrand-quicknet\n{value}\n"));
        var expected = new float[8];
        new Isotope.Numerics.RandomStream(mixed, "carrier 2").FillDirection(expected);
        Assert.Equal(expected, Key.Draw(draw).Carrier(2).ToArray());
    }

    [Fact]
    public void Draw_InPlace_KeepsThePassphraseAndOpensAsTheSameKey()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("owner.key");
        KeyFile.SaveUndrawn(Key, path, "correct horse");
        Assert.Contains("still to be drawn", Assert.Throws<IsotopeException>(() => KeyFile.Load(path, () => "correct horse")).Message);
        var drawn = KeyFile.Draw(path, DrawOf("plan", 1), () => "correct horse");
        Assert.DoesNotContain(drawn.Commitment, File.ReadAllText(path));
        var loaded = KeyFile.Load(path, () => "correct horse");
        Assert.Equal(drawn.Commitment, loaded.Commitment);
        Assert.True(loaded.IsDrawnFromSecret);
        Assert.Equal(drawn.Stream("x").NextUInt64(), loaded.Stream("x").NextUInt64());
        Assert.Contains(
            "expected a key that is still to be drawn",
            Assert.Throws<IsotopeException>(() => KeyFile.Draw(path, DrawOf("plan", 2), () => "correct horse")).Message
        );
    }

    [Fact]
    public void LoadForTest_Opening_DrawsTheCarriersAgainAndHasNoSecret()
    {
        using var folder = new TemporaryFolder();
        KeyFile.SaveOpening(Key.Draw(DrawOf("plan", 1)), folder.File("opening.json"));
        var opened = KeyFile.LoadForTest(folder.File("opening.json"));
        Assert.True(opened.IsDrawnFromSecret);
        Assert.Throws<IsotopeException>(() => opened.Stream("select a.png"));

        var chosen = JsonNode.Parse(File.ReadAllText(folder.File("opening.json")))!;
        chosen["draw"]!["plan"] = Convert.ToBase64String("another plan"u8);
        File.WriteAllText(folder.File("chosen.json"), chosen.ToJsonString());
        Assert.False(KeyFile.LoadForTest(folder.File("chosen.json")).IsDrawnFromSecret);
    }

    [Theory]
    [InlineData("draw")]
    [InlineData("carrierSecret")]
    public void LoadForTest_OpeningWithoutAPart_IsRefused(string part)
    {
        using var folder = new TemporaryFolder();
        KeyFile.SaveOpening(Key.Draw(DrawOf("plan", 1)), folder.File("opening.json"));
        var without = JsonNode.Parse(File.ReadAllText(folder.File("opening.json")))!.AsObject();
        without.Remove(part);
        File.WriteAllText(folder.File("without.json"), without.ToJsonString());
        Assert.Contains(
            "expected the plan and the beacon",
            Assert.Throws<IsotopeException>(() => KeyFile.LoadForTest(folder.File("without.json"))).Message
        );
    }

    /// <summary>A plan of any text, and a round of one's own.</summary>
    internal static KeyDraw DrawOf(string plan, long round)
    {
        var answer = new JsonObject { ["round"] = round, ["signature"] = new string('a', 96) };
        if (round > 1)
            answer["signature"] = new string('b', 96);
        return new KeyDraw(Encoding.UTF8.GetBytes(plan), Encoding.UTF8.GetBytes(answer.ToJsonString()), "drand-quicknet", TimeStamp: null);
    }
}
