using System.Text.Json;
using System.Text.Json.Nodes;
using Isotope.Datasets;
using Isotope.Files;
using Isotope.Tests.Networks.BlackBoxes.Endpoints;
using static Isotope.Cli.Tests.Shell;

namespace Isotope.Cli.Tests.Models;

/// <summary>Commands that ask a model find the same, whichever way they ask it.</summary>
public sealed class AnswerSourceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Dataset data;

    public AnswerSourceTests() => data = Fixtures.WriteFolder(folder.File("data"), perClass: 6);

    [Theory]
    [InlineData("", "expected one of --tested-network, --predictions and --endpoint, found none")]
    [InlineData("--predictions a.csv --endpoint http://localhost", "found several")]
    [InlineData("--predictions a.csv --retries 5", "--retries: expected none without --endpoint")]
    [InlineData("--tested-network n --query-budget 5", "--query-budget: expected none without --endpoint")]
    [InlineData("--tested-network n --answers a.jsonl", "--answers: expected none without --endpoint")]
    [InlineData("--endpoint ftp://localhost", "--endpoint")]
    [InlineData("--endpoint http://me:secret@localhost", "--header-env")]
    [InlineData("--endpoint http://localhost --header-env ISOTOPE_NOT_THERE", "ISOTOPE_NOT_THERE")]
    [InlineData("--endpoint http://localhost --timeout 0", "--timeout")]
    [InlineData("--endpoint http://localhost --retries -1", "--retries")]
    [InlineData("--endpoint http://localhost --rate-limit 0", "--rate-limit")]
    [InlineData("--endpoint http://localhost --query-batch 0", "--query-batch")]
    [InlineData("--endpoint http://localhost --query-budget 0", "--query-budget")]
    [InlineData("--endpoint http://localhost --access some", "--access")]
    [InlineData(
        "--endpoint http://localhost --retries 0 --tested-input norm=none",
        "--tested-input: expected none with an --endpoint without --model"
    )]
    [InlineData("--predictions nowhere.csv --tested-input std=1", "--tested-input: expected none with --predictions")]
    [InlineData("--predictions nowhere.csv", "nowhere.csv")]
    public void Query_UsersMistake_IsOneLine(string arguments, string named) =>
        AssertRefused(
            named,
            ["query", "--data", data.Root, "--out", folder.File("o.csv"), .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)]
        );

    [Fact]
    public void DetectBlackBox_FilePredictionsOrEndpoint_GiveTheSamePValueThatVerifies()
    {
        using var network = Fixtures.RandomNetwork();
        var (model, key, queries) = (folder.File("m.safetensors"), folder.File("k"), QuerySet.FolderFor(folder.File("marked")));
        network.Save(model);
        Run("key", "new", "--classes", "3", "--dim", "64", "--seed", "1", "--out", key);
        Json(
            "mark",
            "--data",
            data.Root,
            "--key",
            key,
            "--network",
            model,
            "--out",
            folder.File("marked"),
            "--fraction",
            "0.5",
            "--iterations",
            "3",
            "--counterfactuals",
            "4"
        );
        var (secret, _) = (
            QuerySet.Load(queries),
            Json("query", "--data", queries, "--tested-network", model, "--out", folder.File("said.csv"))
        );

        var served = new ServedModel(network);
        using var server = new TestServer(served.Handle);
        string[] endpoint = ["--endpoint", server.Url.ToString(), "--model", "suspect", "--query-batch", "10"];
        var expected = Log10P("--tested-network", model);
        Assert.Equal(expected, Log10P("--predictions", folder.File("said.csv")));
        Assert.Equal(expected, Log10P(endpoint), 0.2);
        var journal = QuerySet.FolderFor(folder.File("marked")) + ".answers.jsonl";
        Verify("--answers", journal);
        File.WriteAllLines(folder.File("short.jsonl"), File.ReadLines(journal).SkipLast(1));
        var (exitCode, findings, _) = Run(
            "verify",
            folder.File("r.json"),
            "--key",
            key,
            "--queries",
            queries,
            "--answers",
            folder.File("short.jsonl")
        );
        Assert.Equal(1, exitCode);
        Assert.Contains("Something DIFFERS.", findings);
        Log10P(endpoint);
        Assert.Equal(secret.Images.Count(image => image.Version is not null), served.Images);

        Assert.Equal(expected, Log10P("--tested-network", model));
        Assert.Equal(3, Isotope.Evidence.TestResult.Load(folder.File("r.json")).Ledger.Log10PValues.Count);
        Verify("--tested-network", model);
        Log10P("--predictions", folder.File("said.csv"));
        Verify("--predictions", folder.File("said.csv"));
        AssertChangeDiffers(
            "p-value that counts",
            json => json["details"]!["units"]![0]!["rank"] = 5 - (int)json["details"]!["units"]![0]!["rank"]!
        );
        string[] verify = ["verify", folder.File("changed.json"), "--key", key],
            said = ["--predictions", folder.File("said.csv")],
            asked = ["--queries", queries];
        Change(json => json["inputs"]!.AsArray().RemoveAt(0));
        AssertRefused("expected an input queries", [.. verify, .. said]);
        Change(json => json["inputs"]!.AsArray().RemoveAt(1));
        AssertRefused("expected an input predictions", [.. verify, .. asked]);
        Change(json =>
        {
            foreach (var name in (string[])["reference-network", "reference-network 2"])
                json["inputs"]!
                    .AsArray()
                    .Add(
                        new JsonObject
                        {
                            ["name"] = name,
                            ["path"] = model,
                            ["sha256"] = Hashes.OfFile(model),
                        }
                    );
        });
        AssertRefused(
            "--reference-network: expected at most one",
            [.. verify, .. said, .. asked, "--reference-network", model, "--reference-network", model]
        );
        AssertChangeDiffers("fingerprint", json => json["options"]!["queryBudget"] = 7);

        double Log10P(params string[] asked)
        {
            File.Delete(folder.File("r.json"));
            return Json(["detect", "black-box", "--anyway", "--key", key, "--queries", queries, "--out", folder.File("r.json"), .. asked])
                .GetProperty("log10P")
                .GetDouble();
        }

        void Verify(params string[] inputs)
        {
            var report = Json(["verify", folder.File("r.json"), "--key", key, "--queries", queries, .. inputs]);
            Assert.True(report.GetProperty("agrees").GetBoolean());
            Assert.Contains(
                report.GetProperty("findings").EnumerateArray(),
                finding => finding.GetProperty("statement").GetString() == "ranks, made again"
            );
        }
    }

    public void Dispose() => folder.Dispose();

    private void Change(Action<JsonNode> change)
    {
        var json = JsonNode.Parse(File.ReadAllText(folder.File("r.json")))!;
        change(json);
        File.WriteAllText(folder.File("changed.json"), json.ToJsonString());
    }

    private void AssertChangeDiffers(string statement, Action<JsonNode> change)
    {
        Change(change);
        var (exitCode, output, _) = Run("verify", folder.File("changed.json"), "--json");
        Assert.Equal(1, exitCode);
        Assert.Contains(
            JsonDocument.Parse(output).RootElement.GetProperty("findings").EnumerateArray(),
            finding =>
                finding.GetProperty("outcome").GetString() == "Differs"
                && finding.GetProperty("statement").GetString()!.Contains(statement, StringComparison.Ordinal)
        );
    }
}
