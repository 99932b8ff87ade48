using System.Text.Json.Nodes;
using Isotope.Carriers.Draws;
using Isotope.Evidence;
using Isotope.Marking;

namespace Isotope.Tests.Evidence;

/// <summary>What a plan fixes, and what differs from it.</summary>
public sealed class TestPlanTests
{
    private static readonly UndrawnKey Key = UndrawnKey.Create(3, 8);
    private static readonly TestPlan Plan = TestPlan.Of(
        Key,
        "drand-quicknet",
        new DateTimeOffset(2030, 1, 2, 3, 4, 0, TimeSpan.Zero),
        [new("marking-network", "m.pth", "aa"), new("reference-network", "r.pth", "bb"), new("images", "test", "cc")],
        [new("white-box", Options(probes: 100, statistic: "response"))],
        new DatasetMarkingOptions { Fraction = 0.2 }.Planned,
        [TestPlan.TestedInput]
    );

    [Fact]
    public void DifferencesOf_TestAsPlanned_AreNone() =>
        Assert.Empty(Plan.DifferencesOf("white-box", Options(100, "response", anyway: true), Inputs("aa", "bb", "cc")));

    [Fact]
    public void DifferencesOf_ChosenOptionsAndInputs_AreNamed()
    {
        Assert.Equal(["probes"], Names(Plan.DifferencesOf("white-box", Options(200, "response"), Inputs("aa", "bb", "cc"))));
        Assert.Equal(["statistic"], Names(Plan.DifferencesOf("white-box", Options(100, "paper"), Inputs("aa", "bb", "cc"))));
        Assert.Equal(["images"], Names(Plan.DifferencesOf("white-box", Options(100, "response"), Inputs("aa", "bb", "dd"))));
        Assert.Equal(["reference-network"], Names(Plan.DifferencesOf("white-box", Options(100, "response"), Inputs("aa", null, "cc"))));
        TestInput[] more = [.. Inputs("aa", "bb", "cc"), new("reference-network 2", "s.pth", "ee")];
        Assert.Equal(["reference-network 2"], Names(Plan.DifferencesOf("white-box", Options(100, "response"), more)));
        Assert.Contains("kind of test", Names(Plan.DifferencesOf("images", [], [])));
    }

    [Fact]
    public void DifferencesOf_OpenOptions_AreNone()
    {
        var open = Plan with { Open = [TestPlan.TestedInput, "probes"] };
        Assert.Empty(open.DifferencesOf("white-box", Options(200, "response"), Inputs("aa", "bb", "cc")));
    }

    [Fact]
    public void DifferencesOf_Marking_AreFractionAndStrength()
    {
        Assert.Empty(Plan.DifferencesOf(new DatasetMarkingOptions { Fraction = 0.2, OnlyMarked = true }.Planned));
        Assert.Equal(["fraction"], Names(Plan.DifferencesOf(new DatasetMarkingOptions().Planned)));
        var stronger = new DatasetMarkingOptions
        {
            Fraction = 0.2,
            Marking = new MarkingOptions { Psnr = 38 },
        };
        Assert.Equal(["marking"], Names(Plan.DifferencesOf(stronger.Planned)));
    }

    [Fact]
    public void Parse_SavedPlan_IsOfItsKeyAlone()
    {
        using var folder = new TemporaryFolder();
        Plan.Save(folder.File("plan.json"));
        var read = TestPlan.Parse("plan.json", File.ReadAllBytes(folder.File("plan.json")));
        Assert.True(read.IsOf(Key));
        Assert.False(read.IsOf(UndrawnKey.Create(3, 8)));
        Assert.Empty(read.DifferencesOf("white-box", Options(100, "response"), Inputs("aa", "bb", "cc")));
        Assert.Throws<IsotopeException>(() => Plan.Save(folder.File("plan.json")));
        Assert.Throws<IsotopeException>(() => TestPlan.Parse("plan.json", "{}"u8.ToArray()));
    }

    private static JsonObject Options(int probes, string statistic, bool anyway = false) =>
        new()
        {
            ["statistic"] = statistic,
            ["probes"] = probes,
            ["classes"] = null,
            ["anyway"] = anyway,
        };

    private static TestInput[] Inputs(string marking, string? reference, string images) =>
        [
            new("marking-network", "elsewhere/m.pth", marking),
            new("tested-network", "s.pth", "ff"),
            .. reference is null ? (TestInput[])[] : [new("reference-network", "elsewhere/r.pth", reference)],
            new("images", "elsewhere", images),
        ];

    private static string[] Names(IEnumerable<Finding> findings) => [.. findings.Select(finding => finding.Statement)];
}
