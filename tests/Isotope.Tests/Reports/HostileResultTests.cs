using System.Text.Json.Nodes;
using System.Xml.Linq;
using Isotope.Evidence;
using Isotope.Reports;

namespace Isotope.Tests.Reports;

/// <summary>Results with the right JSON structure that no test or study would write.</summary>
public sealed class HostileResultTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Report_OfPValuesThatAreNone_IsRefused()
    {
        SampleResults.WriteTest(folder);
        AssertRefused(json => json["ledger"]!["holmLog10P"] = "NaN");
        AssertRefused(json => json["details"]!["rankCheck"]!["log10Uniformity"] = "NaN");
        AssertRefused(json => json["details"]!["rankCheck"]!["log10Agreement"] = 1);

        void AssertRefused(Action<JsonNode> change)
        {
            var json = JsonNode.Parse(File.ReadAllText(folder.File("result.json")))!;
            change(json);
            File.WriteAllText(folder.File("changed.json"), json.ToJsonString());
            Assert.Contains(": expected", Assert.Throws<IsotopeException>(() => ReportFile.Of([folder.File("changed.json")])).Message);
        }
    }

    [Fact]
    public void BlackBoxDetails_WithoutClasses_AreRefused()
    {
        var details = JsonNode
            .Parse("""{"gives": "Label", "unit": "Class", "versions": 2, "unitsPlanned": 1, "units": [], "classes": [], "queries": 1}""")!
            .AsObject();
        Assert.Throws<IsotopeException>(() => BlackBoxDetails.Of(details));
    }

    [Fact]
    public void Results_OfAStudyThatDidNotRun_SayIt()
    {
        File.WriteAllLines(folder.File("header.jsonl"), File.ReadLines(SampleResults.WriteStudy(folder)).Take(1));
        ResultsPage.Write([folder.File("header.jsonl")], folder.File("results.md"));
        Assert.EndsWith("Nothing was run yet.\n", File.ReadAllText(folder.File("results.md")).TrimEnd() + "\n");
        Assert.Contains("Nothing was run yet.", ReportFile.Of([folder.File("header.jsonl")]).ToHtml());
        Assert.Contains(
            "expected",
            Assert.Throws<IsotopeException>(() => PlotFile.Of(PlotKind.Study, folder.File("header.jsonl"))).Message
        );
    }

    [Fact]
    public void Results_OfCellsOutsideTheTable_ArePrinted()
    {
        WriteStudy("\"q\":", "\"other\":");
        ResultsPage.Write([folder.File("changed.jsonl")], folder.File("results.md"));
        Assert.Contains("12 experiments, none of them in the table", File.ReadAllText(folder.File("results.md")));
        Assert.Throws<IsotopeException>(() => PlotFile.Of(PlotKind.Study, folder.File("changed.jsonl")));
    }

    [Fact]
    public void Results_OfSeriesOutsideTheTable_HaveNoHistograms()
    {
        WriteStudy(
            "\"random\":",
            "\"semantic\":[1],\"random\":",
            "\"q\":",
            "\"other\":",
            "\"columnAxis\":\"views\"",
            "\"columnAxis\":\"nowhere\""
        );
        ResultsPage.Write([folder.File("changed.jsonl")], folder.File("results.md"));
        Assert.DoesNotContain(".svg", File.ReadAllText(folder.File("results.md")));
    }

    [Fact]
    public void Results_OfAMeasureNamedAfterAPath_WriteNoFileThere()
    {
        WriteStudy("accuracy", "log10P/../escaped");
        ResultsPage.Write([folder.File("changed.jsonl")], folder.File("results.md"));
        Assert.True(File.Exists(folder.File("changed.svg")));
        Assert.False(File.Exists(folder.File("escaped.svg")));
    }

    [Theory]
    [InlineData("[\"log10P\",\"accuracy\"]", "[]", 1)]
    [InlineData("[\"log10P\",\"accuracy\"]", "[null]", 1)]
    [InlineData("[0.1,0.2,0.4]", "[]", 2)]
    [InlineData("[0.1,0.2,0.4]", "null", 2)]
    public void Load_StudyWithoutMeasuresOrNumbers_IsRefused(string part, string replacement, int line)
    {
        WriteStudy(part, replacement);
        Assert.EndsWith($"line {line}", Assert.Throws<IsotopeException>(() => StudyResults.Load(folder.File("changed.jsonl"))).Message);
    }

    [Theory]
    [InlineData(PlotKind.Study)]
    [InlineData(PlotKind.Histogram)]
    [InlineData(PlotKind.Classes)]
    public void Plot_OfNamesThatXmlCannotHold_IsSound(PlotKind kind)
    {
        const string Hostile = "$0 \\u0001\\uffff & \\ud83d\\ude00";
        WriteStudy("log10P", Hostile, "\"views\"", $"\"{Hostile}\"", "centre", Hostile, "carrier", Hostile);
        File.WriteAllText(
            folder.File("changed.json"),
            File.ReadAllText(SampleResults.WriteTest(folder)).Replace("zebra", Hostile, StringComparison.Ordinal)
        );
        var chart = PlotFile.Of(kind, folder.File(kind == PlotKind.Classes ? "changed.json" : "changed.jsonl"));
        var svg = XDocument.Parse(chart.ToSvg(alone: true)).Root!;
        Assert.Equal(chart.Description, svg.Attribute("aria-label")!.Value);
        Assert.Contains(svg.Descendants(), element => element.Value.Contains("$0    & \U0001F600", StringComparison.Ordinal));
        Assert.NotEmpty(chart.ToPng());
    }

    public void Dispose() => folder.Dispose();

    /// <summary>A study with parts of its text replaced.</summary>
    private void WriteStudy(params string[] replaced)
    {
        var text = File.ReadAllText(SampleResults.WriteStudy(folder));
        foreach (var pair in replaced.Chunk(2))
            text = text.Replace(pair[0], pair[1], StringComparison.Ordinal);
        File.WriteAllText(folder.File("changed.jsonl"), text);
    }
}
