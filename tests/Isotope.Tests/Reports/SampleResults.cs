using System.Text.Json.Nodes;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Evidence;
using Isotope.Files;
using Isotope.Statistics;

namespace Isotope.Tests.Reports;

/// <summary>Results with hostile names, to make pages from.</summary>
internal static class SampleResults
{
    public const string HostileName = "<script>alert('x')</script>\"'&\u202Egnp.exe";

    /// <summary>The result of a white-box test on made-up cosines, in a folder.</summary>
    public static string WriteTest(TemporaryFolder folder)
    {
        var key = CarrierKey.FromSeed(4, 64, 7);
        (string Label, double Cosine)[] found = [("zebra", 0.31), ("ant", 0.02), (HostileName, 0.22), ("bee", -0.1)];
        ClassResult[] classes = [.. found.Select(c => new ClassResult(c.Label, c.Cosine, CosineTest.PValueOf(c.Cosine, 64)))];
        var check = new RankCheck(999, 0, 0, 9, 1, new PValue(-0.1), new PValue(-0.2));
        var pValue = Stouffer.Combine([.. classes.Select(c => c.PValue)]);
        var details = new CosineDetails(
            64,
            classes,
            [new SideResult("paper", "fisher", new PValue(-1))],
            check,
            new AlignmentResult(1000, 1e-10, 0.7, true)
        );
        TestInput[] inputs =
        [
            new("tested-network", HostileName, new string('a', 64), "resnet20"),
            new("images", "test", new string('b', 64), Images: 1000),
        ];
        var outcome = new TestOutcome(
            TestKinds.WhiteBox,
            key,
            "tested-network",
            "response",
            "stouffer",
            pValue,
            new JsonObject { ["probes"] = 20000 },
            inputs,
            details.ToJson()
        );
        KeyFile.Save(key, folder.File("key"));
        var path = folder.File("result.json");
        (
            outcome.Record(folder.File("key"), publishedFile: null) with
            {
                Verdict = $"The model <b>carries</b> this key's mark: {pValue}.",
            }
        ).Save(path);
        return path;
    }

    /// <summary>A manifest of marked images of hostile classes, its originals and its marked images.</summary>
    public static (string Manifest, string Originals, string Marked) WriteMarking(TemporaryFolder folder)
    {
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"), classes: 2, perClass: 8, size: 40);
        var images = new List<MarkedImage>();
        foreach (var (i, image) in vanilla.Images.Index())
        {
            var original = image.Source.Decode();
            var marked = original with
            {
                Pixels = [.. original.Pixels.Select((value, j) => (byte)Math.Clamp(value + (j + i) % 3 - 1, 0, 255))],
            };
            Directory.CreateDirectory(folder.File($"marked/{Path.GetDirectoryName(image.Id)}"));
            var bytes = ImageCodec.EncodePng(marked);
            File.WriteAllBytes(folder.File($"marked/{image.Id}"), bytes);
            var quality = Quality.Compare(original, marked);
            images.Add(
                new MarkedImage(
                    image.Id,
                    image.Id,
                    i % 2 == 0 ? HostileName : "plain",
                    quality.Psnr,
                    quality.MaxDifference,
                    1.5,
                    image.Source.Sha256(),
                    Hashes.OfBytes(bytes),
                    marked.Sha256()
                )
            );
        }

        new Manifest(
            new JsonObject
            {
                ["isotope"] = "0.1.0",
                ["marking"] = new JsonObject { ["psnr"] = 42 },
            },
            images
        ).Save(folder.File("marked.manifest.json"));
        return (folder.File("marked.manifest.json"), folder.File("vanilla"), folder.File("marked"));
    }

    /// <summary>The report of a training.</summary>
    public static string WriteTraining(TemporaryFolder folder)
    {
        File.WriteAllText(
            folder.File("training.json"),
            """{"isotope":"0.1.0","architecture":"resnet20","images":100,"epochs":3,"accuracy":0.81"""
                + ""","losses":[2.1,1.2,0.9],"out":"m.safetensors","sha256":"cc"}"""
        );
        return folder.File("training.json");
    }

    /// <summary>Results of a study with repetitions and series.</summary>
    public static string WriteStudy(TemporaryFolder folder)
    {
        const string Header = """
            {"study":"s","title":"A study","paper":"Table 1","claim":"c","isotope":"0.1.0",
            "rowAxis":"q","columnAxis":"views","measures":["log10P","accuracy"]}
            """;
        var lines = new List<string> { Header.ReplaceLineEndings("") };
        foreach (var seed in (int[])[1, 2])
        foreach (var views in (string[])["centre", "shift"])
        foreach (var q in (double[])[0.1, 0, 0.02])
        {
            var cell = FormattableString.Invariant($$$"""{"seed":{{{seed}}},"views":"{{{views}}}","q":{{{q}}}}""");
            var values = FormattableString.Invariant($$$"""{"log10P":{{{-100 * q - 0.1 * seed}}},"accuracy":0.8}""");
            const string Series = """{"carrier":[0.1,0.2,0.4],"random":[-0.1,0,0.1]}""";
            lines.Add($$$"""{"cell":{{{cell}}},"seconds":12.5,"settings":{},"inputs":{},"values":{{{values}}},"series":{{{Series}}}}""");
        }

        File.WriteAllLines(folder.File("study.jsonl"), lines);
        return folder.File("study.jsonl");
    }
}
