using System.Text.Json.Nodes;
using Isotope.Carriers;
using Isotope.Cli.Studies;
using Isotope.Datasets;
using Isotope.Marking;
using Isotope.Statistics;
using static Isotope.Cli.Tests.Shell;

namespace Isotope.Cli.Tests.Results;

/// <summary>Studies measure what their cells say.</summary>
public sealed class StudyResultTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public StudyResultTests() => folder.WriteStudyData();

    [Fact]
    public void Published_OfAFraction_IsTheDrawnPartOfTheMarks()
    {
        var train = Dataset.Open(folder.File("train"));
        var key = CarrierKey.FromSeed(3, 64, 1);
        using var network = Fixtures.RandomNetwork();
        new DatasetMarker(
            train,
            key,
            network,
            new DatasetMarkingOptions
            {
                Fraction = 1,
                OnlyMarked = true,
                Marking = new MarkingOptions { Iterations = 2 },
            }
        ).Run(folder.File("marks"));
        foreach (var (fraction, count) in new[] { (0.0, 0), (0.25, 12), (1.0, 48) })
        {
            var published = Published.Of(train, key, folder.File("marks"), fraction);
            var marked = published
                .Images.Images.Where(image => image.Source.Name.StartsWith(folder.File("marks"), StringComparison.Ordinal))
                .Select(image => image.Id)
                .ToArray();
            Assert.Equal(count, marked.Length);
            Assert.Equal(fraction == 0 ? [] : ImageSelection.Draw(train, key, fraction).Select(image => image.Id), marked);
            Assert.Equal(marked, published.Manifest!.Images.Select(image => image.Id));
        }
    }

    [Fact]
    public void Study_EveryBuildingBlock_ChangesWhatIsMeasured()
    {
        var axis = """
            {"name": "plain", "settings": {}},
            {"name": "distilled", "settings": {"student": {"labels": "Soft", "temperature": 4, "training": {"epochs": 2}}}},
            {"name": "pruned", "settings": {"attack": {"kind": "Prune", "amount": 0.5}}},
            {"name": "quantised", "settings": {"attack": {"kind": "Quantise", "amount": 3}}},
            {"name": "noisy", "settings": {"attack": {"kind": "Noise", "amount": 0.1}}},
            {"name": "tuned", "settings": {"attack": {"kind": "FineTune", "amount": 1, "cleanPerClass": 4}}},
            {"name": "difference", "settings": {"attack": {"kind": "SubspaceDifference", "amount": 1, "cleanPerClass": 4}}},
            {"name": "principal", "settings": {"attack": {"kind": "SubspacePrincipal", "amount": 2, "cleanPerClass": 4}}},
            {"name": "jpeg", "settings": {"thief": {"jpegQuality": 75}}},
            {"name": "noise", "settings": {"thief": {"noise": 4}}},
            {"name": "fourier", "settings": {"mark": "Fourier", "measure": ["Images"]}},
            {"name": "backdoor", "settings": {"mark": "Backdoor", "measure": ["Trigger"]}},
            {"name": "black box", "settings": {
              "measure": ["WhiteBox", "BlackBox", "Cosines", "Classes"],
              "owner": {"versions": 3, "queriesPerClass": 2, "queryFraction": 0.5}
            }}
            """;
        var recipe = folder.WriteStudy(
            "\"marking\": {\"iterations\": 15, \"psnr\": 30, \"augmentation\": \"Centre\"},",
            $", \"what\": [{axis}]",
            probes: 400
        );
        var study = Json("study", recipe, "--data", folder.Path, "--out", folder.File("out")).GetProperty("studies")[0];
        Assert.Equal(2 * 13, study.GetProperty("done").GetInt32());
        JsonNode[] cells = [.. File.ReadLines(study.GetProperty("results").GetString()!).Skip(1).Select(line => JsonNode.Parse(line)!)];
        JsonNode Of(string name, double q) =>
            cells.Single(cell => (string)cell["cell"]!["what"]! == name && (double)cell["cell"]!["q"]! == q);
        string Cosines(string name) => Of(name, 1)["series"]!["cosines"]!.ToJsonString();
        string[] changed = ["distilled", "pruned", "quantised", "noisy", "tuned", "difference", "principal", "jpeg", "noise"];
        Assert.Equal(changed.Length + 1, changed.Append("plain").Select(Cosines).Distinct().Count());
        Assert.Equal(Cosines("plain"), Cosines("black box"));

        Assert.True((double)Of("fourier", 1)["values"]!["log10PImages"]! < -4 && (double)Of("fourier", 0)["values"]!["log10PImages"]! > -3);
        Assert.NotEqual((double)Of("backdoor", 0)["values"]!["triggerChange"]!, (double)Of("backdoor", 1)["values"]!["triggerChange"]!);
        var box = Of("black box", 1);
        double[] accuracies = [.. box["series"]!["accuracies"]!.AsArray().Select(value => (double)value!)];
        Assert.Equal((double)box["values"]!["accuracy"]!, accuracies.Average(), 1e-9);
        Assert.Equal(
            Spearman.Test(accuracies, [.. box["series"]!["cosines"]!.AsArray().Select(value => (double)value!)]).Rho,
            (double)box["values"]!["spearman"]!,
            1e-9
        );
        Assert.Equal(3 * 2 * (3 + 1), (double)box["values"]!["queries"]!);
        Assert.True((double)Of("plain", 1)["values"]!["log10P"]! < -3 && (double)Of("plain", 0)["values"]!["log10P"]! > -3);
        Assert.True((double)Of("plain", 1)["values"]!["log10PPaper"]! < -3 && (double)Of("plain", 0)["values"]!["log10PPaper"]! > -3);
        Assert.True((double)Of("plain", 1)["values"]!["mark"]! > (double)Of("plain", 0)["values"]!["mark"]! + 0.2);
    }

    public void Dispose() => folder.Dispose();
}
