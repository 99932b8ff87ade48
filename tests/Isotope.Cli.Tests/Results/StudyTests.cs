using System.Text.Json;
using System.Text.Json.Nodes;
using Isotope.Cli.Studies;
using Isotope.Datasets;
using Isotope.Files;
using static Isotope.Cli.Tests.Shell;

namespace Isotope.Cli.Tests.Results;

public sealed class StudyTests : IDisposable
{
    private static readonly string Recipes = Path.Combine(Repository.Root(), "recipes", "paper");
    private readonly TemporaryFolder folder = new();

    public StudyTests() => folder.WriteStudyData();

    public static TheoryData<string> AllRecipes() =>
        [.. Directory.EnumerateFiles(Recipes, "*.json").Select(path => Path.GetFileName(path)!)];

    [Theory]
    [MemberData(nameof(AllRecipes))]
    public void Load_ShippedRecipe_HasCellsWithAControlInBothForms(string file)
    {
        var recipe = Recipe.Load(Path.Combine(Recipes, file));
        foreach (var form in (Recipe[])[recipe, recipe.AsQuick()])
        {
            var cells = form.Cells().Select(cell => CellSettings.Of(form.Study, cell.Settings)).ToArray();
            Assert.Contains(cells, cell => cell.Q == 0);
            Assert.Contains(cells, cell => cell.Q > 0);
            Assert.Equal(cells.Length, form.Cells().Select(cell => cell.Place.ToJsonString()).Distinct().Count());
        }
    }

    [Theory]
    [InlineData("table-1.json")]
    [InlineData("section-6-scratch.json")]
    public void Load_MutatedRecipe_IsReadOrRefused(string file) =>
        folder.AssertReadOrRefused(
            File.ReadAllBytes(Path.Combine(Recipes, file)),
            path =>
            {
                var recipe = Recipe.Load(path);
                foreach (var cell in recipe.Cells().Concat(recipe.Quick is null ? [] : recipe.AsQuick().Cells()))
                    CellSettings.Of(recipe.Study, cell.Settings);
            }
        );

    [Fact]
    public void Study_RunTwice_RunsEachCellOnceAndMeasuresTheMarkAgainstItsControl()
    {
        var recipe = folder.WriteStudy("");
        var first = Json("study", recipe, "--data", folder.Path, "--out", folder.File("out")).GetProperty("studies")[0];
        Assert.Equal((2, 2), (first.GetProperty("cells").GetInt32(), first.GetProperty("done").GetInt32()));
        var results = first.GetProperty("results").GetString()!;
        var before = Fixtures.HashesBelow(folder.File("out"));
        Json("study", recipe, "--data", folder.Path, "--out", folder.File("out"));
        Assert.Equal(before, Fixtures.HashesBelow(folder.File("out")));

        Directory.Delete(folder.File("out/cells"), recursive: true); // the results alone are enough to resume
        Directory.Delete(folder.File("out/work"), recursive: true);
        Json("study", recipe, "--data", folder.Path, "--out", folder.File("out"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.File("out/work")));

        var lines = File.ReadLines(results).Select(line => JsonNode.Parse(line)!).ToArray();
        Assert.Equal("small", (string)lines[0]["study"]!);
        Assert.True((double)lines[2]["values"]!["log10PPaper"]! < (double)lines[1]["values"]!["log10PPaper"]!);
        Assert.True((double)lines[1]["values"]!["log10PPaper"]! > -3);
        Assert.Equal(3, ((JsonArray)lines[2]["series"]!["mark by class"]!).Count);
    }

    [Fact]
    public void Study_Only_RunsAPartAndKeepsWhatWasRunBefore()
    {
        string[] study = ["study", folder.WriteStudy("", ", \"seed\": [1, 2]"), "--data", folder.Path, "--out", folder.File("out")];
        Assert.Equal(["0 2"], Run("--only", "q=0", "--only", "seed=2"));
        Assert.Equal(["0 1", "0 2"], Run("--only", "seed=1", "--only", "seed=2", "--only", "q=0"));
        Assert.Equal(["0 1", "0 2", "1 1"], Run("--only", "seed=1"));

        AssertRefused(
            "--only views=1: expected AXIS=VALUE with an axis of small (q, seed), found 'views'",
            [.. study, "--only", "views=1"]
        );
        AssertRefused("--only seed: expected a value of seed in small (1; 2), found ''", [.. study, "--only", "seed"]);

        string[] Run(params string[] only)
        {
            var ran = Json([.. study, .. only]).GetProperty("studies")[0];
            Assert.Equal(ran.GetProperty("cells").GetInt32(), ran.GetProperty("done").GetInt32());
            return
            [
                .. File.ReadLines(ran.GetProperty("results").GetString()!)
                    .Skip(1)
                    .Select(line => JsonNode.Parse(line)!["cell"]!)
                    .Select(cell => $"{cell["q"]} {cell["seed"]}"),
            ];
        }
    }

    [Fact(Timeout = 120_000)]
    public async Task Study_MarksThatAnotherProcessMakes_AreWaitedForAfterTheOtherCells()
    {
        var recipe = folder.WriteStudy("", q: "1, 0");
        Json("study", recipe, "--data", folder.Path, "--out", folder.File("out"));
        var results = folder.File("out/small.jsonl");
        var finished = File.ReadLines(results).Count();
        File.Delete(results);
        Directory.Delete(folder.File("out/cells"), recursive: true);
        var marks = Directory.EnumerateDirectories(folder.File("out/work"), "marks-*").Single();
        File.Delete(Manifest.PathFor(marks));
        Directory.Delete(marks, recursive: true);

        Task<JsonElement> study;
        using (OutputLock.Take($"{marks}.claim"))
        {
            study = Task.Run(
                () => Json("study", recipe, "--data", folder.Path, "--out", folder.File("out")),
                TestContext.Current.CancellationToken
            );
            while (!File.Exists(results) && !study.IsCompleted)
                await Task.Delay(20, TestContext.Current.CancellationToken);
            Assert.Equal(0, (double)JsonNode.Parse(File.ReadLines(results).Last())!["cell"]!["q"]!);
            Assert.False(study.IsCompleted);
        }

        await study;
        Assert.Equal(finished, File.ReadLines(results).Count());
    }

    [Fact]
    public void Study_OtherImagesOfTheSameNames_AreToldApart()
    {
        Fixtures.WriteFolder(folder.File("other"), perClass: 16, firstSeed: 1000);
        var axis = """
            {"name": "train", "settings": {}},
            {"name": "other", "settings": {"train": "other"}},
            {"name": "few", "settings": {"testImagesPerClass": 4}}
            """;
        var ran = Json("study", folder.WriteStudy("", $", \"images\": [{axis}]", "0"), "--data", folder.Path, "--out", folder.File("out"))
            .GetProperty("studies")[0];
        var inputs = File.ReadLines(ran.GetProperty("results").GetString()!)
            .Skip(1)
            .Select(line => JsonNode.Parse(line)!["inputs"]!)
            .ToArray();
        Assert.Equal(2, inputs.Select(input => (string)input["train"]!).Distinct().Count());
        Assert.Equal(3 + 3, Directory.EnumerateFiles(folder.File("out/work"), "model-*.json").Count()); // a suspect and a reference each
    }

    [Fact]
    public void Study_SeveralProcesses_ShareTheWork()
    {
        var recipe = folder.WriteStudy("\"marking\": {\"iterations\": 1, \"psnr\": 30},", ", \"seed\": [1, 2, 3, 4]");
        Parallel.For(0, 4, _ => Json("study", recipe, "--data", folder.Path, "--out", folder.File("out")));
        Assert.Equal(1 + 8, File.ReadLines(folder.File("out/small.jsonl")).Count());
    }

    [Fact]
    public void Study_OtherSettings_AreRefusedByName()
    {
        Json("study", folder.WriteStudy(""), "--data", folder.Path, "--out", folder.File("out"));
        AssertRefused(
            "marking.iterations = 3 instead of 6",
            "study",
            folder.WriteStudy("\"marking\": {\"iterations\": 3, \"psnr\": 35},"),
            "--data",
            folder.Path,
            "--out",
            folder.File("out")
        );
    }

    [Fact]
    public void Study_UsersMistake_IsRefusedInOneLine()
    {
        AssertRefused("nowhere.json", "study", "nowhere.json", "--data", folder.Path, "--out", folder.File("out"));
        AssertRefused(
            "at $.marking.iteratons",
            "study",
            folder.WriteStudy("\"marking\": {\"iteratons\": 3},"),
            "--data",
            folder.Path,
            "--out",
            folder.File("out")
        );
        AssertRefused(
            "q of at most markedFraction, found 2",
            "study",
            folder.WriteStudy("", q: "2"),
            "--data",
            folder.Path,
            "--out",
            folder.File("out")
        );
        AssertRefused(
            "a psnr of the Fourier mark",
            "study",
            folder.WriteStudy("\"mark\": \"Fourier\", \"marking\": {\"psnr\": null},"),
            "--data",
            folder.Path,
            "--out",
            folder.File("out")
        );
        var fineTuned =
            """, "attacks": [{"name": "fine-tuned", "settings": {"imagesPerClass": null, "attack": {"kind": "FineTune", "amount": 1}}}]""";
        AssertRefused(
            "expected imagesPerClass, after which an attacker's own images come",
            "study",
            folder.WriteStudy("", fineTuned),
            "--data",
            folder.Path,
            "--out",
            folder.File("out")
        );
        AssertRefused(
            "expected measures of accuracy, ",
            "study",
            folder.WriteStudy("", measure: "log10Paper"),
            "--data",
            folder.Path,
            "--out",
            folder.File("out")
        );
        AssertRefused(
            "../test: expected a path below",
            "study",
            folder.WriteStudy("", ", \"where\": [{\"name\": \"out\", \"settings\": {\"test\": \"../test\"}}]", "0"),
            "--data",
            folder.Path,
            "--out",
            folder.File("out")
        );
        var thousand = string.Join(',', Enumerable.Range(0, 1000));
        AssertRefused(
            "expected at most 10000 combinations of values, found 1000000",
            "study",
            folder.WriteStudy("", $", \"a\": [{thousand}], \"b\": [{thousand}]", "0"),
            "--data",
            folder.Path,
            "--out",
            folder.File("out")
        );
        AssertRefused("quick form", "study", folder.WriteStudy(""), "--quick", "--data", folder.Path, "--out", folder.File("out"));
    }

    public void Dispose() => folder.Dispose();
}
