using System.Text.Json.Nodes;
using Isotope.Datasets;
using Isotope.Marking;
using Isotope.Networks.Checkpoints;
using Isotope.Reports;
using Isotope.Training;

namespace Isotope.Tests.Files;

/// <summary>Escaped halves of a character (<c>\ud800</c>) are valid JSON, but not text: they could not be read later.</summary>
public sealed class JsonFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("""{"\ud800": 1}""")]
    [InlineData("""{"keyCommitment": "\ud800"}""")]
    [InlineData("""{"a": [{"b": "x\udc00y"}]}""")]
    public void Load_HalfACharacter_IsRefusedByItsLine(string settings)
    {
        File.WriteAllText(folder.File("manifest"), $"{{\n\"settings\":\n{settings}, \"images\": []}}");
        Assert.EndsWith(
            "manifest: expected a manifest of marking (JSON), found something else (line 3)",
            Assert.Throws<IsotopeException>(() => Manifest.Load(folder.File("manifest"))).Message
        );
    }

    [Fact]
    public void Load_EscapedCharacters_AreRead()
    {
        File.WriteAllText(folder.File("manifest"), """{"settings": {"a\n\u00e9": "\ud83d\ude00"}, "images": []}""");
        Assert.Equal("\U0001F600", Manifest.Load(folder.File("manifest")).Settings["a\n\u00e9"]!.ToString());
    }

    [Theory]
    [InlineData("""{"\ud800": 1}""")]
    [InlineData("{\n\"\\ud800\": 1\n}")]
    public void Report_OfHalfACharacter_IsRefused(string text)
    {
        File.WriteAllText(folder.File("result"), text);
        Assert.False(ReportFile.IsResult(folder.File("result")));
        Assert.Contains("expected a result (JSON)", Assert.Throws<IsotopeException>(() => ReportFile.Of([folder.File("result")])).Message);
    }

    [Theory]
    [InlineData("""{"\ud800": 1}""")]
    [InlineData("""{"fraction": "\ud800"}""")]
    public void Resume_JournalOfHalfACharacter_IsRefused(string settings)
    {
        File.WriteAllText(folder.File("journal"), settings + "\n");
        Assert.Contains(
            "same settings",
            Assert
                .Throws<IsotopeException>(() => MarkingJournal.Open(folder.File("journal"), new JsonObject { ["fraction"] = "a" }))
                .Message
        );
    }

    [Fact]
    public void Resume_TrainingOfHalfACharacter_IsRefused()
    {
        using var network = Fixtures.RandomNetwork();
        using var optimizer = new Sgd(network.Module.parameters(), new TrainingOptions());
        Safetensors.Save(folder.File("m.resume"), [], new Dictionary<string, string> { ["isotope.settings"] = """{"epochs": "\ud800"}""" });
        var state = new TrainingState(folder.File("m"), new JsonObject { ["epochs"] = "2" });
        Assert.Contains(
            "isotope.settings of an unfinished training",
            Assert.Throws<IsotopeException>(() => state.Restore(network, optimizer)).Message
        );
    }

    public void Dispose() => folder.Dispose();
}
