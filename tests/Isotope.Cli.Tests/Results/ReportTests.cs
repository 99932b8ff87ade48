using Isotope.Carriers;
using Isotope.Reports;
using Isotope.Tests.Reports;
using static Isotope.Cli.Tests.Shell;

namespace Isotope.Cli.Tests.Results;

public sealed class ReportTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Html_Holes_AreEncodedAndPiecesAreNot()
    {
        Assert.Equal("<p>&lt;b&gt; &amp; &quot;</p>", Html.Of($"<p>{"<b> & \""}</p>").ToString());
        Assert.Equal("<p><i>x</i></p>", Html.Of($"<p>{Html.Of($"<i>{"x"}</i>")}</p>").ToString());
        Assert.Equal(
            "1,000 −2.50 \\u202e 2025-01-31 2025-01-31",
            Html.Of($"{1000:N0} {-2.5:F2} {"\u202e"} {new DateOnly(2025, 1, 31):yyyy-MM-dd} {new DateTime(2025, 1, 31):yyyy-MM-dd}")
                .ToString()
        );
    }

    [Fact]
    public void Report_OfATest_NamesNoMarkedImageAndHoldsNoSecret()
    {
        var page = ReportFile.Of([SampleResults.WriteTest(folder)]).ToHtml();
        Assert.DoesNotContain("Confidential", page);
        var key = File.ReadAllText(folder.File("key"));
        foreach (
            var secret in System
                .Text.Json.Nodes.JsonNode.Parse(key)!
                .AsObject()
                .Where(p => p.Value is System.Text.Json.Nodes.JsonValue)
                .Select(p => p.Value!.ToString())
                .Where(text => text.Length > 20)
        )
            Assert.True(!page.Contains(secret, StringComparison.Ordinal) || secret == KeyFile.Load(folder.File("key")).Commitment);
    }

    [Fact]
    public void Report_WithAManifest_SaysThatItIsConfidentialAndIsPrivate()
    {
        var (manifest, originals, marked) = SampleResults.WriteMarking(folder);
        Assert.Equal(
            0,
            Run(
                "report",
                SampleResults.WriteTest(folder),
                manifest,
                "--originals",
                originals,
                "--marked",
                marked,
                "--out",
                folder.File("story.html")
            ).ExitCode
        );
        Assert.Contains("<strong>Confidential.</strong>", File.ReadAllText(folder.File("story.html")));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.File("story.html")));
    }

    [Fact]
    public void Report_SameResults_IsTheSameBytes()
    {
        var study = SampleResults.WriteStudy(folder);
        Assert.Equal(ReportFile.Of([study]).ToHtml(), ReportFile.Of([study]).ToHtml());
    }

    [Theory]
    [InlineData("null", "result.json")]
    [InlineData("classes", "result.json")]
    [InlineData("history", "training.json")]
    [InlineData("study", "study.jsonl")]
    [InlineData("histogram", "study.jsonl")]
    public void Plot_OfAResult_IsSoundSvgWithADescription(string kind, string file)
    {
        SampleResults.WriteTest(folder);
        SampleResults.WriteTraining(folder);
        SampleResults.WriteStudy(folder);
        Assert.Equal(0, Run("plot", kind, folder.File(file), "--out", folder.File("plot.svg")).ExitCode);
        Assert.Equal(0, Run("plot", kind, folder.File(file), "--out", folder.File("plot.png")).ExitCode);
        var picture = Isotope.Datasets.ImageCodec.Decode(folder.File("plot.png"));
        Assert.Equal(1280, picture.Width);
        Assert.InRange(picture.Pixels.Count(value => value < 128), 300, picture.Pixels.Length / 2);
        var svg = System.Xml.Linq.XDocument.Load(folder.File("plot.svg")).Root!;
        Assert.NotEmpty(svg.Attribute("aria-label")!.Value);
        Assert.DoesNotContain(svg.Descendants(), element => element.Attribute("style") is not null);
        Assert.Contains(svg.Descendants(), element => element.Name.LocalName is "polyline" or "polygon" or "rect" or "path");
    }

    [Fact]
    public void Results_OfStudies_AreATableOfMeansAndRangesWithRemarks()
    {
        File.WriteAllText(Path.ChangeExtension(SampleResults.WriteStudy(folder), ".md"), "A remark.\n");
        Assert.Equal(0, Run("results", folder.File("study.jsonl"), "--out", folder.File("results.md")).ExitCode);
        var page = File.ReadAllText(folder.File("results.md"));
        Assert.Contains("| 0.02 | −2.15 (−2.2 … −2.1) |", page);
        Assert.Contains("n = 2 in every cell", page);
        Assert.Contains("A remark.", page);
        Assert.Contains("](study.svg)", page);
        Assert.True(page.IndexOf("| 0 |", StringComparison.Ordinal) < page.IndexOf("| 0.02 |", StringComparison.Ordinal));
    }

    [Fact]
    public void Results_OfSeveralStudies_AreInTheOrderOfTheirNames()
    {
        var study = File.ReadAllText(SampleResults.WriteStudy(folder));
        File.WriteAllText(
            folder.File("s-control.jsonl"),
            study.Replace(
                "\"study\":\"s\",\"title\":\"A study\"",
                "\"study\":\"s-control\",\"title\":\"Its control\"",
                StringComparison.Ordinal
            )
        );
        Assert.Equal(
            0,
            Run("results", folder.File("s-control.jsonl"), folder.File("study.jsonl"), "--out", folder.File("results.md")).ExitCode
        );
        var page = File.ReadAllText(folder.File("results.md"));
        Assert.InRange(page.IndexOf("A study", StringComparison.Ordinal), 1, page.IndexOf("Its control", StringComparison.Ordinal));
    }

    [Fact]
    public void Report_UsersMistake_IsRefusedInOneLine()
    {
        File.WriteAllText(folder.File("x.json"), "{\"a\": 1}");
        AssertRefused("result of a test", "report", folder.File("x.json"), "--out", folder.File("x.html"));
        AssertRefused("nowhere.json", "report", folder.File("nowhere.json"), "--out", folder.File("x.html"));
        AssertRefused(
            "gallery",
            "report",
            SampleResults.WriteTest(folder),
            "--originals",
            Fixtures.WriteFolder(folder.File("d")).Root,
            "--out",
            folder.File("x.html")
        );
        AssertRefused(".svg", "plot", "study", SampleResults.WriteStudy(folder), "--out", folder.File("x.gif"));
        AssertRefused(", found 'foo'", "plot", "study", folder.File("study.jsonl"), "--value", "foo", "--out", folder.File("x.svg"));
        AssertRefused(", found 'foo'", "plot", "histogram", folder.File("study.jsonl"), "--value", "foo", "--out", folder.File("x.svg"));
        AssertRefused(
            "--value: expected one value",
            "plot",
            "study",
            folder.File("study.jsonl"),
            "--value",
            "log10P",
            "--value",
            "accuracy",
            "--out",
            folder.File("x.svg")
        );
        AssertRefused(
            "--value: expected none beside a plot of null",
            "plot",
            "null",
            folder.File("result.json"),
            "--value",
            "foo",
            "--out",
            folder.File("x.svg")
        );
        File.AppendAllText(folder.File("study.jsonl"), "{\"cell\": 3}\n");
        AssertRefused("line 14", "plot", "study", folder.File("study.jsonl"), "--out", folder.File("x.svg"));
    }

    public void Dispose() => folder.Dispose();
}
