using System.Diagnostics;
using Isotope.Datasets;
using Isotope.Numerics;

namespace Isotope.Cli.Tests.Marking;

/// <summary>The program as a process of its own, killed again and again while it marks.</summary>
public sealed class KillTests : IDisposable
{
    private const int Kills = 20;
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Mark_KilledAtRandomMoments_LosesNothingFinishedAndLeavesNoHalfWrittenFile()
    {
        Fixtures.WriteFolder(folder.File("vanilla"), perClass: 200, size: 12);
        using (var network = Fixtures.RandomNetwork())
            network.Save(folder.File("m.safetensors"));
        Assert.Equal(0, Shell.Run("key", "new", "--classes", "3", "--dim", "64", "--seed", "1", "--out", folder.File("k")).ExitCode);
        Assert.Equal(0, Shell.Run([.. Arguments("whole"), "--batch", "64"]).ExitCode);
        var (whole, random) = (Fixtures.HashesBelow(folder.File("whole")), new RandomStream(1, "kills"));

        var finished = new HashSet<string>();
        for (var kill = 0; kill < Kills; kill++)
        {
            using (var process = Start())
            {
                if (!WaitUntilMarking(process, finished.Count))
                    break;
                process.WaitForExit(random.Next(150));
                process.Kill();
                process.WaitForExit();
            }

            var journalled = Journalled();
            Assert.Subset(journalled, finished);
            finished = journalled;
            var files = Fixtures.HashesBelow(folder.File("killed.staging"));
            Assert.All(finished, file => Assert.Equal(whole[file], files[file]));
            Assert.All(
                files.Keys.Where(file => !file.EndsWith(".part", StringComparison.Ordinal)),
                file => Assert.Equal(whole[file], files[file])
            );
        }

        Assert.NotEmpty(finished);
        using (var process = Start())
            process.WaitForExit();
        Assert.Equal(whole, Fixtures.HashesBelow(folder.File("killed")));
        Assert.Equal(File.ReadAllText(Manifest.PathFor(folder.File("whole"))), File.ReadAllText(Manifest.PathFor(folder.File("killed"))));
    }

    public void Dispose() => folder.Dispose();

    private string[] Arguments(string output) =>
        [
            "mark",
            "--data",
            folder.File("vanilla"),
            "--key",
            folder.File("k"),
            "--network",
            folder.File("m.safetensors"),
            "--fraction",
            "1",
            "--iterations",
            "12",
            "--out",
            folder.File(output),
            "--threads",
            "1",
        ];

    private Process Start() =>
        Process.Start(
            new ProcessStartInfo(
                Path.Combine(AppContext.BaseDirectory, typeof(CommandLine).Assembly.GetName().Name!),
                [.. Arguments("killed"), "--batch", "8"]
            )
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            }
        )!;

    /// <summary>Whether the process finishes a batch before it ends.</summary>
    private bool WaitUntilMarking(Process process, int before)
    {
        while (!process.WaitForExit(5))
            if (Journalled().Count > before)
                return true;
        return false;
    }

    /// <summary>Files that the journal says are finished.</summary>
    private HashSet<string> Journalled()
    {
        var journal = folder.File("killed.journal.jsonl");
        if (!File.Exists(journal))
            return [];
        using var stream = new FileStream(journal, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        string[] lines = reader.ReadToEnd().Split('\n');
        return
        [
            .. lines[..^1].Skip(1).Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("file").GetString()!),
        ];
    }
}
