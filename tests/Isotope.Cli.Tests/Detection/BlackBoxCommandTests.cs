using Isotope.Cli.Tests.Setup;
using Isotope.Datasets;
using Isotope.Statistics;
using static Isotope.Cli.Tests.Shell;

namespace Isotope.Cli.Tests.Detection;

/// <summary>
/// The black-box test end to end on the demo's real images and models, with its control and with a judge that sees no model.
/// </summary>
[Collection(typeof(DemoCollection))]
public sealed class BlackBoxCommandTests(DemoOnce demo)
{
    private const int Versions = 10;
    private const int Images = 8;

    [Theory]
    [InlineData("probabilities", -4)]
    [InlineData("loss", -3)]
    [InlineData("topk:5", -1)]
    [InlineData("label", -1)]
    public void DetectBlackBox_MarkedModel_IsFoundAndItsControlIsNot(string access, double atMost)
    {
        var queries = MakeQueries();
        Assert.InRange(Log10P("marked", access), -10, atMost);
        Assert.InRange(Log10P("control", access), -1.8, 0);

        double Log10P(string model, string access)
        {
            var report = Json(
                "detect",
                "black-box",
                "--anyway",
                "--key",
                Below("owner.key"),
                "--queries",
                queries,
                "--tested-network",
                Below($"{model}-model.safetensors"),
                "--reference-network",
                Below("marker.safetensors"),
                "--access",
                access
            );
            Assert.Equal(10 * Versions * Images, report.GetProperty("details").GetProperty("queries").GetInt32());
            return report.GetProperty("log10P").GetDouble();
        }
    }

    [Fact]
    public void DetectBlackBox_OptionsOfCost_AreReported()
    {
        var report = Json(
            "detect",
            "black-box",
            "--anyway",
            "--key",
            Below("owner.key"),
            "--queries",
            MakeQueries(),
            "--tested-network",
            Below("marked-model.safetensors"),
            "--reference-network",
            Below("marker.safetensors"),
            "--sequential",
            "0.01",
            "--query-budget",
            "600",
            "--loss-gap"
        );
        Assert.Equal("sequential", report.GetProperty("combination").GetString());
        Assert.InRange(report.GetProperty("log10P").GetDouble(), -10, -2);
        var details = report.GetProperty("details");
        var asked = details.GetProperty("units").GetArrayLength();
        Assert.True(details.GetProperty("sequential").GetProperty("rejected").GetBoolean());
        Assert.InRange(asked, 2, 9);
        Assert.Equal(asked * (Versions + 1) * 5, details.GetProperty("queries").GetInt32());
        Assert.True(
            details.GetProperty("lossGap").GetProperty("low").GetDouble() < details.GetProperty("lossGap").GetProperty("high").GetDouble()
        );
    }

    /// <summary>
    /// Without a model the published versions can't be told from the others. Otherwise the test would measure how the images look.
    /// </summary>
    [Fact]
    public void Queries_JudgeThatSeesNoModel_IsAtChance()
    {
        var queries = MakeQueries();
        var set = QuerySet.Load(queries);
        var looks = BlindJudge.Look(set, queries);
        for (var feature = 0; feature < BlindJudge.Features; feature++)
        {
            Assert.InRange(RankTest.Combine(BlindJudge.Ranks(looks, look => look[feature]), Versions).Value, 0.005, 1);
            Assert.InRange(RankTest.Combine(BlindJudge.Ranks(looks, look => -look[feature]), Versions).Value, 0.005, 1);
        }

        Assert.InRange(RankTest.Combine(BlindJudge.LearnedRanks(looks), Versions).Value, 0.005, 1);
    }

    private string Below(string name) => Path.Combine(demo.Folder, name);

    private string MakeQueries()
    {
        var queries = QuerySet.FolderFor(Below("marked"));
        if (!File.Exists(QuerySet.IndexFor(queries)))
            Json(
                "counterfactuals",
                "--marked",
                Below("marked"),
                "--data",
                Below("vanilla/train"),
                "--key",
                Below("owner.key"),
                "--network",
                Below("marker.safetensors"),
                "--versions",
                $"{Versions}",
                "--images",
                $"{Images}"
            );
        return queries;
    }
}
