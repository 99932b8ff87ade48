using Isotope.Datasets;
using Isotope.Tests.Networks.BlackBoxes.Endpoints;
using static Isotope.Tests.Cli.Shell;

namespace Isotope.Tests.Cli;

/// <summary>The commands that ask a model find the same whichever way it is asked.</summary>
public sealed class AnswerSourceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Dataset data;

    public AnswerSourceTests() => data = Fixtures.WriteFolder(folder.File("data"), perClass: 6);

    [Theory]
    [InlineData("", "expected one of --tested-network, --predictions and --endpoint")]
    [InlineData("--predictions a.csv --endpoint http://localhost", "found none or several")]
    [InlineData("--endpoint ftp://localhost", "--endpoint")]
    [InlineData("--endpoint http://me:secret@localhost", "--header-env")]
    [InlineData("--endpoint http://localhost --header-env ISOTOPE_NOT_THERE", "ISOTOPE_NOT_THERE")]
    [InlineData("--endpoint http://localhost --timeout 0", "--timeout")]
    [InlineData("--endpoint http://localhost --retries -1", "--retries")]
    [InlineData("--endpoint http://localhost --rate-limit 0", "--rate-limit")]
    [InlineData("--endpoint http://localhost --query-batch 0", "--query-batch")]
    [InlineData("--endpoint http://localhost --query-budget 0", "--query-budget")]
    [InlineData("--endpoint http://localhost --access some", "--access")]
    [InlineData("--predictions nowhere.csv", "nowhere.csv")]
    public void Query_UsersMistake_IsOneLine(string arguments, string named) =>
        AssertRefused(named, ["query", "--data", data.Root, "--out", folder.File("o"), .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

    [Fact]
    public void DetectBlackBox_FilePredictionsOrEndpoint_GiveTheSamePValue()
    {
        using var network = Fixtures.RandomNetwork();
        var (model, key, queries) = (folder.File("m.safetensors"), folder.File("k"), QuerySet.FolderFor(folder.File("marked")));
        network.Save(model);
        Run("key", "new", "--classes", "3", "--dim", "64", "--seed", "1", "--out", key);
        Json("mark", "--data", data.Root, "--key", key, "--network", model, "--out", folder.File("marked"), "--fraction", "0.5", "--iterations", "3", "--counterfactuals", "4");
        var (secret, _) = (QuerySet.Load(queries), Json("query", "--data", queries, "--tested-network", model, "--out", folder.File("said.csv")));

        var served = new ServedModel(network);
        using var server = new TestServer(served.Handle);
        string[] endpoint = ["--endpoint", server.Url.ToString(), "--model", "suspect", "--query-batch", "10"];
        var expected = Log10P("--tested-network", model);
        Assert.Equal(expected, Log10P("--predictions", folder.File("said.csv")));
        Assert.Equal(expected, Log10P(endpoint), 0.2);
        Log10P(endpoint);
        Assert.Equal(secret.Images.Count(image => image.Version is not null), served.Images);

        double Log10P(params string[] asked) => Json(["detect", "black-box", "--key", key, "--queries", queries, .. asked]).GetProperty("log10P").GetDouble();
    }

    public void Dispose() => folder.Dispose();
}
