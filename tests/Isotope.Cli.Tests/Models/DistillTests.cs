using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Tests.Networks.BlackBoxes.Endpoints;
using static Isotope.Cli.Tests.Shell;

namespace Isotope.Cli.Tests.Models;

/// <summary>Teachers and their students on real images, by way of the commands.</summary>
public sealed class DistillTests(DemoImages demo) : IClassFixture<DemoImages>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Distill_StudentFromScratch_AgreesWithItsTeacher()
    {
        // The teacher is the demo's network; the student, of another architecture, sees no label of the folders.
        var report = Json(
            "distill",
            "--data",
            demo.Train,
            "--limit",
            "40",
            "--tested-network",
            demo.Marker,
            "--arch",
            "resnet14",
            "--epochs",
            "5",
            "--batch",
            "20",
            "--temperature",
            "2",
            "--test",
            demo.Test,
            "--out",
            folder.File("student.safetensors")
        );
        Assert.Equal("Soft", report.GetProperty("labels").GetString());
        Assert.InRange(report.GetProperty("agreement").GetDouble(), 0.5, 1);
        Assert.InRange(report.GetProperty("student").GetProperty("accuracy").GetDouble(), 0.5, 1);
        Assert.False(File.Exists(folder.File("student.safetensors.resume")));
    }

    /// <summary>On marked images even the student of an innocent teacher would be found.</summary>
    [Fact]
    public void Distill_OnMarkedImages_Warns()
    {
        var images = Fixtures.WriteFolder(folder.File("published"), perClass: 2);
        using (var teacher = Fixtures.RandomNetwork())
            teacher.Save(folder.File("t.safetensors"));
        Assert.DoesNotContain("of these are marked", Distil());
        new Manifest(new System.Text.Json.Nodes.JsonObject { [Manifest.KeyCommitment] = "any" }, []).Save(Manifest.PathFor(images.Root));
        Assert.Contains("published.manifest.json says that images of these are marked", Distil());
        File.Delete(Manifest.PathFor(images.Root));
        Directory.Move(images.Root, folder.File("published.queries"));
        File.WriteAllText(folder.File("published.queries.json"), "{}");
        images = images with { Root = folder.File("published.queries/") };
        Assert.Contains("published.queries.json says that images of these are marked", Distil());

        string Distil()
        {
            File.Delete(folder.File("s.safetensors"));
            var (exitCode, _, error) = Run(
                "distill",
                "--data",
                images.Root,
                "--tested-network",
                folder.File("t.safetensors"),
                "--arch",
                "resnet14",
                "--input-size",
                "16",
                "--epochs",
                "1",
                "--out",
                folder.File("s.safetensors")
            );
            Assert.Equal(0, exitCode);
            return error;
        }
    }

    [Fact]
    public void QueryThenDistill_FromAFileOfPredictions_AsksNobody()
    {
        var said = folder.File("said.parquet");
        var query = Json("query", "--data", demo.Train, "--tested-network", demo.Marker, "--access", "topk:2", "--out", said);
        Assert.Equal((3000, "TopLabels"), (query.GetProperty("images").GetInt32(), query.GetProperty("gives").GetString()));
        var report = Json(
            "distill",
            "--data",
            demo.Train,
            "--predictions",
            said,
            "--init",
            demo.Marker,
            "--freeze-features",
            "--augment",
            "centre",
            "--epochs",
            "20",
            "--out",
            folder.File("student.safetensors")
        );
        Assert.Equal((0, "Hard"), (report.GetProperty("queries").GetInt32(), report.GetProperty("labels").GetString()));
        Assert.InRange(report.GetProperty("agreement").GetDouble(), 0.95, 1);
    }

    [Fact]
    public void Query_EndpointThenResumedDistill_AsksAboutEveryImageOnce()
    {
        using var network = Network.Load(demo.Marker);
        var served = new ServedModel(network);
        using var server = new TestServer(served.Handle);
        var small = Dataset.Open(demo.Train).Limit(3);
        string[] model = ["--endpoint", server.Url.ToString(), "--answers", folder.File("answers"), "--query-batch", "7"];
        Json(["query", "--data", demo.Test, "--access", "probabilities", .. model, "--out", folder.File("test.csv")]);
        var asked = served.Images;
        string[] distill =
        [
            "distill",
            "--data",
            demo.Train,
            "--limit",
            "3",
            .. model,
            "--init",
            demo.Marker,
            "--freeze-features",
            "--epochs",
            "2",
            "--out",
            folder.File("s.safetensors"),
        ];
        AssertRefused("--query-budget", [.. distill, "--query-budget", $"{asked + 5}"]);
        Assert.Equal(asked, served.Images);
        Assert.Equal(small.Images.Count, Json(distill).GetProperty("queries").GetInt32());
        File.Delete(folder.File("s.safetensors"));
        Assert.Equal(0, Json(distill).GetProperty("queries").GetInt32());
        Assert.Equal(asked + small.Images.Count, served.Images);
    }

    /// <summary>
    /// log₁₀ p of a student that learned a model's probabilities on vanilla images only, with the model's own features. The marked
    /// teacher's student carries the mark, the control's does not.
    /// </summary>
    internal static double StudentLog10P(string demo, string teacher)
    {
        var (marker, student) = (Path.Combine(demo, "marker.safetensors"), Path.Combine(demo, $"{teacher}-student.safetensors"));
        Json(
            "distill",
            "--data",
            Path.Combine(demo, "vanilla", "train"),
            "--tested-network",
            Path.Combine(demo, $"{teacher}-model.safetensors"),
            "--temperature",
            "4",
            "--init",
            marker,
            "--freeze-features",
            "--augment",
            "centre",
            "--weight-decay",
            "0",
            "--epochs",
            "60",
            "--out",
            student
        );
        return Json(
                "detect",
                "white-box",
                "--anyway",
                "--key",
                Path.Combine(demo, "owner.key"),
                "--marking-network",
                marker,
                "--tested-network",
                student,
                "--images",
                Path.Combine(demo, "vanilla", "test"),
                "--probes",
                "4000"
            )
            .GetProperty("log10P")
            .GetDouble();
    }

    public void Dispose() => folder.Dispose();
}
