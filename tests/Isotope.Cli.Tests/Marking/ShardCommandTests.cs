using Isotope.Datasets;
using static Isotope.Cli.Tests.Shell;

namespace Isotope.Cli.Tests.Marking;

/// <summary>Marking in shards, through the command line.</summary>
public sealed class ShardCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string[] mark;

    public ShardCommandTests()
    {
        Fixtures.WriteFolder(folder.File("vanilla"));
        using (var network = Fixtures.RandomNetwork())
            network.Save(folder.File("m.safetensors"));
        Assert.Equal(0, Run("key", "new", "--classes", "3", "--dim", "64", "--seed", "1", "--out", folder.File("k")).ExitCode);
        mark =
        [
            "mark",
            "--data",
            folder.File("vanilla"),
            "--key",
            folder.File("k"),
            "--network",
            folder.File("m.safetensors"),
            "--iterations",
            "2",
            "--fraction",
            "0.5",
        ];
    }

    [Fact]
    public void MarkShards_ThenMerge_GivesOneManifestAndList()
    {
        Assert.Equal("2/2", Json([.. mark, "--out", folder.File("split"), "--shard", "2/2"]).GetProperty("shard").GetString());
        AssertRefused("fraction = 0.25 instead of 0.5", [.. mark[..^1], "0.25", "--out", folder.File("split"), "--shard", "1/2"]);
        AssertRefused("missing: 1", "merge", "--data", folder.File("vanilla"), "--out", folder.File("split"));
        var (_, output, _) = Run([.. mark, "--out", folder.File("split"), "--shard", "1/2"]);
        Assert.Contains("isotope merge", output);
        File.WriteAllText(folder.File("other.json"), "{}");
        AssertRefused(
            "other.json: expected {\"type\": \"per_sample\"",
            "merge",
            "--data",
            folder.File("vanilla"),
            "--out",
            folder.File("split"),
            "--list",
            folder.File("other.json")
        );
        Assert.False(File.Exists(Manifest.PathFor(folder.File("split"))));
        var merged = Json("merge", "--data", folder.File("vanilla"), "--out", folder.File("split"), "--list", folder.File("list.json"));
        Assert.Equal(
            (6, Manifest.PathFor(folder.File("split"))),
            (merged.GetProperty("images").GetInt32(), merged.GetProperty("manifest").GetString())
        );
        Assert.Equal(0, Run([.. mark, "--out", folder.File("whole"), "--list", folder.File("whole.json")]).ExitCode);
        Assert.Equal(File.ReadAllText(folder.File("whole.json")).Replace("whole/", "split/"), File.ReadAllText(folder.File("list.json")));
        Assert.Equal(File.ReadAllText(Manifest.PathFor(folder.File("whole"))), File.ReadAllText(Manifest.PathFor(folder.File("split"))));
    }

    [Theory]
    [InlineData("--shard 3/2", "--shard")]
    [InlineData("--shard auto", "--shard auto")]
    [InlineData("--shard 1/2 --list l.json", "isotope merge writes it")]
    [InlineData("--shard 1/2 --counterfactuals 3", "after isotope merge")]
    public void MarkShard_UsersMistake_IsOneLine(string arguments, string named) =>
        AssertRefused(named, [.. mark, "--out", folder.File("split"), .. arguments.Split(' ')]);

    public void Dispose() => folder.Dispose();
}
