using Isotope.Datasets;
using static Isotope.Cli.Tests.Shell;

namespace Isotope.Cli.Tests.Marking;

/// <summary>Query images for the black-box test, made by <c>mark</c> at publishing time.</summary>
public sealed class MarkQueriesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Mark_CounterfactualsAskedForAgain_MakesThemWithoutMarkingAgain()
    {
        Prepare();
        var report = Mark("--counterfactuals", "3", "--counterfactual-images", "2");
        Assert.Equal(QuerySet.FolderFor(folder.File("marked")), report.GetProperty("queries").GetString());
        var (published, queries) = (Fixtures.HashesBelow(folder.File("marked")), Fixtures.HashesBelow(folder.File("marked.queries")));
        Assert.Equal(3 * 2 * 4, queries.Count);

        Directory.Delete(folder.File("marked.queries"), recursive: true);
        File.Delete(folder.File("marked.queries.json"));
        Mark("--counterfactuals", "3", "--counterfactual-images", "2");
        Assert.Equal(published, Fixtures.HashesBelow(folder.File("marked")));
        Assert.Equal(queries, Fixtures.HashesBelow(folder.File("marked.queries")));
        AssertRefused("fraction", [.. MarkArguments, "--counterfactuals", "3", "--fraction", "0.25"]);
    }

    [Fact]
    public void Mark_Twins_AreTestedByTheImage()
    {
        Prepare();
        Mark("--twins");
        var report = Json(
            "detect",
            "black-box",
            "--anyway",
            "--key",
            folder.File("k"),
            "--queries",
            folder.File("marked.queries"),
            "--tested-network",
            folder.File("t.safetensors")
        );
        var details = report.GetProperty("details");
        Assert.Equal(
            ("Image", 2, 12),
            (
                details.GetProperty("unit").GetString(),
                details.GetProperty("versions").GetInt32(),
                details.GetProperty("units").GetArrayLength()
            )
        );
        Assert.InRange(report.GetProperty("log10P").GetDouble(), -2.5, 0);
        Assert.StartsWith("Inconclusive", report.GetProperty("verdict").GetString());
    }

    public void Dispose() => folder.Dispose();

    private string[] MarkArguments =>
        [
            "mark",
            "--data",
            folder.File("vanilla"),
            "--key",
            folder.File("k"),
            "--network",
            folder.File("m.safetensors"),
            "--out",
            folder.File("marked"),
            "--iterations",
            "2",
        ];

    private System.Text.Json.JsonElement Mark(params string[] more) => Json([.. MarkArguments, "--fraction", "0.5", .. more]);

    private void Prepare()
    {
        Fixtures.WriteFolder(folder.File("vanilla"), perClass: 8);
        using (var network = Fixtures.RandomNetwork())
            network.Save(folder.File("m.safetensors"));
        using (var network = Fixtures.RandomNetwork(seed: 2))
            network.Save(folder.File("t.safetensors"));
        Assert.Equal(0, Run("key", "new", "--classes", "3", "--dim", "64", "--seed", "1", "--out", folder.File("k")).ExitCode);
    }
}
