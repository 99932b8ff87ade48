using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Training;
using static Isotope.Cli.Tests.Shell;

namespace Isotope.Cli.Tests;

public sealed class CommandLineTests
{
    public static TheoryData<string> AllCommands()
    {
        return [.. Below(CommandLine.Root(new Session(TextWriter.Null, TextWriter.Null, default)), "")];

        static IEnumerable<string> Below(Command command, string parent) =>
            command
                .Subcommands.Where(sub => !sub.Hidden)
                .SelectMany(sub => Below(sub, $"{parent}{command.Name} "))
                .Prepend(parent + command.Name);
    }

    [Theory]
    [MemberData(nameof(AllCommands))]
    public void Help_OfEveryCommand_IsTheApprovedOne(string command)
    {
        var (exitCode, output, error) = Run([.. command.Split(' ').Skip(1), "--help"]);
        Assert.Equal((0, ""), (exitCode, error));
        var approved = Path.Combine(Repository.Root(), "tests", "Isotope.Cli.Tests", "Approved", command.Replace(' ', '-') + ".txt");
        if (Environment.GetEnvironmentVariable("ISOTOPE_APPROVE") == "1")
            File.WriteAllText(approved, output);
        Assert.Equal(File.ReadAllText(approved), output);
    }

    [Theory]
    [InlineData("", "command: expected one of plan, key, power, mark")]
    [InlineData("marks", "found 'marks'")]
    [InlineData("detect --json", "detect: expected one of white-box, black-box, images, found none")]
    [InlineData("mark --data d --key k --network n --out o --fraction 0,1", "--fraction: expected a number, as in 0.1, found '0,1'")]
    [InlineData("mark --data d --key k --network n --out o --psnr 4,200", "--psnr: expected a number")]
    [InlineData("mark --data d --key k --network n --out o --psnr", "--psnr")]
    [InlineData("mark --data d --key nowhere.key --network n --out o --fraction 2", "--fraction: expected above 0 and at most 1, found 2")]
    [InlineData("mark --data d --key nowhere.key --network n --out o --uniform-encoding --only-marked", "--uniform-encoding")]
    [InlineData("key new --classes 3 --dim 8 --out nowhere/k", "nowhere/k: expected a place to write to, found: no folder ")]
    [InlineData("mark", "--data")]
    [InlineData("mark --data nowhere --key k --network resnet20 --out o --augment foo", "--augment")]
    [InlineData("mark --data nowhere --key nowhere.key --network resnet20 --checkpoint f --out o", "nowhere.key")]
    [InlineData("mark --data nowhere --key nowhere.key --network resnet20 --checkpoint f --out o --radius 0", "--radius")]
    [InlineData("key new --classes ten --dim 64 --out k", "--classes")]
    [InlineData("key new --classes 1 --dim 64 --out k", "--classes: expected at least 2, found 1")]
    [InlineData("key show nowhere.key", "nowhere.key")]
    [InlineData("key new --classes 100000 --dim 100000 --out k", "100000 × 100000")]
    [InlineData("train --data nowhere --arch resnet20 --out m.safetensors", "nowhere")]
    [InlineData(
        "train --data nowhere --arch resnet20 --out none/m.safetensors",
        "--out none/m.safetensors: expected a folder to write to, found no "
    )]
    [InlineData(
        "mark --data nowhere --key k --network n --out o --list none/l.json",
        "--list none/l.json: expected a folder to write to, found no "
    )]
    [InlineData(
        "detect white-box --key k --marking-network m --tested-network t --images i --out k",
        "--out k: expected a name that ends in .json, found ''"
    )]
    [InlineData(
        "query --data d --endpoint http://localhost/e --out said.xlsx",
        "--out said.xlsx: expected a name that ends in .csv or .parquet, found '.xlsx'"
    )]
    [InlineData("report m.json --out m.json", "--out m.json: expected a name that ends in .html")]
    [InlineData(
        "detect white-box --key k --marking-network m --tested-network t --images i --model-date 01/02/2027",
        "--model-date: expected YYYY-MM-DD, found 01/02/2027"
    )]
    [InlineData("key show k --passphrase-file nowhere", "--passphrase-file nowhere: expected a readable file")]
    [InlineData(
        "detect white-box --key k --marking-network m --tested-network t --images i --out none/r.json",
        "--out none/r.json: expected a folder to write to, found no "
    )]
    [InlineData("train --data nowhere --epochs 0 --out m.safetensors", "--epochs")]
    [InlineData("train --data nowhere --init m --arch resnet20 --out o.safetensors", "--arch: expected none with --init")]
    [InlineData("train --data nowhere --init m --input-size 32 --out o.safetensors", "--input-size: expected none with --init")]
    [InlineData("distill --data nowhere --predictions p --init m --arch resnet20 --out o.safetensors", "--arch: expected none with --init")]
    [InlineData(
        "distill --data nowhere --predictions p --labels hard --temperature 4 --arch resnet20 --out o.safetensors",
        "--temperature: expected none with hard labels, found 4"
    )]
    [InlineData("detect black-box --key k --queries q --tested-network n --rate-limit 2", "--rate-limit: expected none without --endpoint")]
    [InlineData(
        "detect black-box --key k --queries q --predictions p --tested-input size=32",
        "--tested-input: expected none with --predictions"
    )]
    [InlineData("serve . --port 70000", "--port: expected 0 to 65535, found 70000")]
    [InlineData("detect white-box --key nowhere.key --marking-network a:b --tested-network c --images d", "nowhere.key")]
    [InlineData(
        "detect white-box --key k --marking-network a:b --tested-network c --images d --tested-input mean=0,1",
        "--tested-input: mean"
    )]
    [InlineData(
        "detect white-box --key k --marking-network a:b --tested-network c --images d --tested-input std=1,1,0",
        "--tested-input: std"
    )]
    [InlineData("mark --data d --key k --network n --out o --counterfactuals 1", "versions")]
    [InlineData("mark --data d --key k --network n --out o --counterfactual-images 5", "--counterfactual-images")]
    [InlineData("mark --data d --key k --network n --out o --twins --counterfactuals 20", "--twins")]
    [InlineData("detect black-box --key k --queries q --tested-network n --access all", "--access")]
    [InlineData("detect black-box --key k --queries q --tested-network n --sequential 2", "--sequential")]
    [InlineData("key show k --device cuda:7x", "k")]
    public void Run_UsersMistake_IsOneLineThatNamesItAndExitCode2(string arguments, string named)
    {
        var (exitCode, output, error) = Run(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith("isotope: ", error);
        Assert.Contains(named, error);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void Key_NewAndShow_NeverShowTheSecret()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("owner.key");
        var made = Run("key", "new", "--classes", "3", "--dim", "64", "--out", path, "--json");
        var shown = Run("key", "show", path, "--json");
        Assert.Equal(made, shown);
        var key = JsonDocument.Parse(shown.Output).RootElement;
        Assert.Equal(
            ["classes", "dimension", "origin", "created", "commitment", "plan"],
            key.EnumerateObject().Select(property => property.Name)
        );
        Assert.Equal("system", key.GetProperty("origin").GetString());
    }

    [Fact]
    public void Train_ResumedOnOtherFiles_IsRefused()
    {
        // A control must never go on from weights that have seen marked images.
        using var folder = new TemporaryFolder();
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"));
        using (var network = Network.Create("resnet14", 3, inputSize: 16))
            new Trainer(vanilla, network, new TrainingOptions { Epochs = 1 }).Run(
                new TrainingState(folder.File("m.safetensors"), new JsonObject { ["contentsSha256"] = "other" })
            );
        var (exitCode, _, error) = Run(
            "train",
            "--data",
            vanilla.Root,
            "--arch",
            "resnet14",
            "--input-size",
            "16",
            "--out",
            folder.File("m.safetensors")
        );
        Assert.Equal(2, exitCode);
        Assert.Contains("the same settings", error);
    }

    [Theory]
    [InlineData("demo --out file")]
    [InlineData("mark --data d --key k --network n --out file/marked")]
    [InlineData("study r.json --data d --out file")]
    public void Run_FolderToWriteThatIsAFile_IsRefusedByOption(string arguments)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("file"), "");
        AssertRefused(
            $"expected a folder, found the file {folder.File("file")}",
            [.. arguments.Split(' ').Select(word => word.StartsWith("file", StringComparison.Ordinal) ? folder.File(word) : word)]
        );
    }

    [Fact]
    public void Train_OnWhatMarkHasNotFinished_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla")).Root;
        File.WriteAllText(folder.File("vanilla.journal.jsonl"), "");
        AssertRefused(
            "expected a finished dataset, found one that mark or merge has still to finish",
            "train",
            "--data",
            vanilla,
            "--arch",
            "resnet20",
            "--out",
            folder.File("m.safetensors")
        );
        File.Move(folder.File("vanilla.journal.jsonl"), folder.File("vanilla.shard-2-of-3.manifest.json"));
        AssertRefused(
            "vanilla.shard-2-of-3.manifest.json",
            "train",
            "--data",
            vanilla,
            "--arch",
            "resnet20",
            "--out",
            folder.File("m.safetensors")
        );
        Fixtures.WriteFolder(folder.File("whole"));
        AssertRefused(
            $"--overlay {vanilla}",
            "train",
            "--data",
            folder.File("whole"),
            "--overlay",
            vanilla,
            "--arch",
            "resnet20",
            "--out",
            folder.File("m.safetensors")
        );
    }

    [Fact]
    public void Run_EmptyValue_IsRefused() => Assert.Equal(2, Run("key", "show", "").ExitCode);

    [Fact]
    public void Pipeline_WithJson_WritesOneObjectAndNothingElse()
    {
        using var folder = new TemporaryFolder();
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"), perClass: 24);
        using (var network = Fixtures.RandomNetwork())
            network.Save(folder.File("marker.safetensors"));
        Assert.Equal(0, Run("key", "new", "--classes", "3", "--dim", "64", "--seed", "1", "--out", folder.File("k")).ExitCode);

        var mark = Json(
            "mark",
            "--data",
            vanilla.Root,
            "--key",
            folder.File("k"),
            "--network",
            folder.File("marker.safetensors"),
            "--out",
            folder.File("marked"),
            "--only-marked",
            "--fraction",
            "0.25",
            "--iterations",
            "3",
            "--psnr",
            "40"
        );
        Assert.Equal(18, mark.GetProperty("images").GetInt32());
        Assert.True(mark.GetProperty("meanPsnr").GetDouble() >= 40);
        Assert.InRange(mark.GetProperty("maxDifference").GetInt32(), 1, 10);
        Assert.Equal(JsonValueKind.Number, mark.GetProperty("meanDisplacement").ValueKind);

        var train = Json(
            "train",
            "--data",
            vanilla.Root,
            "--overlay",
            folder.File("marked"),
            "--arch",
            "resnet14",
            "--input-size",
            "16",
            "--epochs",
            "1",
            "--test",
            vanilla.Root,
            "--out",
            folder.File("suspect.safetensors")
        );
        Assert.InRange(train.GetProperty("accuracy").GetDouble(), 0, 1);
        Assert.False(File.Exists(folder.File("suspect.safetensors.resume")));

        var detect = Json(
            "detect",
            "white-box",
            "--key",
            folder.File("k"),
            "--marking-network",
            folder.File("marker.safetensors"),
            "--tested-network",
            folder.File("suspect.safetensors"),
            "--images",
            vanilla.Root,
            "--probes",
            "200"
        );
        Assert.InRange(detect.GetProperty("log10P").GetDouble(), -4, 0);
        Assert.Equal(
            ("response", "stouffer"),
            (detect.GetProperty("statistic").GetString(), detect.GetProperty("combination").GetString())
        );
        Assert.Equal(
            ["class0", "class1", "class2"],
            detect.GetProperty("details").GetProperty("classes").EnumerateArray().Select(c => c.GetProperty("label").GetString())
        );
        Assert.InRange(detect.GetProperty("details").GetProperty("alignment").GetProperty("rSquared").GetDouble(), -5, 1);
    }

    [Fact]
    public void Detect_MarkedImages_AreRefusedByTheManifestBesideThem()
    {
        using var folder = new TemporaryFolder();
        Fixtures.WriteFolder(folder.File("vanilla"), perClass: 24);
        using (var network = Fixtures.RandomNetwork())
            network.Save(folder.File("m.safetensors"));
        Run("key", "new", "--classes", "3", "--dim", "64", "--out", folder.File("k"));
        Run(
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
            "2"
        );
        var (exitCode, _, error) = Run(
            "detect",
            "white-box",
            "--key",
            folder.File("k"),
            "--marking-network",
            folder.File("m.safetensors"),
            "--tested-network",
            folder.File("m.safetensors"),
            "--images",
            folder.File("marked")
        );
        Assert.Equal(2, exitCode);
        Assert.Contains("marked", error);
        Assert.Contains(Manifest.Load(Manifest.PathFor(folder.File("marked"))).Images[0].File, error);
    }
}
