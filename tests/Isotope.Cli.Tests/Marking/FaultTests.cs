using System.Diagnostics;
using Isotope.Datasets;
using Isotope.Files;
using Isotope.Numerics;
using static Isotope.Cli.Tests.Shell;

namespace Isotope.Cli.Tests.Marking;

/// <summary>
/// Full disks, folders that can't be written, damaged and missing images, signals, wrong clocks: finished work stays, and the message names
/// the file.
/// </summary>
public sealed class FaultTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public FaultTests()
    {
        Fixtures.WriteFolder(folder.File("vanilla"), perClass: 40, size: 24);
        using (var network = Fixtures.RandomNetwork())
            network.Save(folder.File("m.safetensors"));
        Assert.Equal(0, Shell.Run("key", "new", "--classes", "3", "--dim", "64", "--seed", "1", "--out", folder.File("k")).ExitCode);
    }

    [Fact]
    public void Mark_OnAFullDisk_NamesItAndGoesOnWhenThereIsPlace()
    {
        var disk = Directory.CreateDirectory(folder.File("disk")).FullName;
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Execute("mount", "-t", "tmpfs", "-o", "size=160k", "tmpfs", disk) == 0,
            "mounting is not permitted"
        );
        try
        {
            Mark("whole");
            AssertRefused(Path.Combine(disk, "out"), Arguments("disk/out"));
            var finished = Journalled(folder.File("disk/out.journal.jsonl"));
            Assert.NotEmpty(finished);
            Assert.Equal(0, Execute("mount", "-o", "remount,size=16m", disk));
            AssertWholeFiles("disk/out");
            Mark("disk/out");
            AssertSame("whole", "disk/out");
        }
        finally
        {
            Execute("umount", disk);
        }
    }

    [Fact]
    public void Mark_IntoAFolderThatCantBeWritten_NamesIt()
    {
        File.WriteAllText(folder.File("file"), "");
        AssertRefused(folder.File("file"), Arguments("file/out"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Mark_TruncatedOrVanishedImageAmongMany_NamesItAndGoesOnOnceItIsRepaired(bool vanishes)
    {
        Mark("whole");
        var damaged = folder.File("vanilla/class1/17.png");
        var bytes = File.ReadAllBytes(damaged);
        File.WriteAllBytes(damaged, bytes[..(bytes.Length / 2)]);
        if (vanishes)
        {
            File.Delete(damaged);
            Directory.CreateDirectory(damaged);
            File.CreateSymbolicLink(folder.File("vanilla/class1/17x.png"), folder.File("nowhere"));
            Directory.Delete(damaged);
            File.Move(folder.File("vanilla/class1/17x.png"), damaged);
        }

        AssertRefused(damaged, Arguments("out"));
        AssertWholeFiles("out");
        File.Delete(damaged);
        File.WriteAllBytes(damaged, bytes);
        Mark("out");
        AssertSame("whole", "out");
    }

    [Fact]
    public void Mark_ResumedAfterTheClockJumped_EndsTheSame()
    {
        Mark("whole");
        using (var process = Start(Arguments("out", batch: 4)))
        {
            Await(process, () => Journalled(folder.File("out.journal.jsonl")).Length > 8);
            process.Kill();
            process.WaitForExit();
        }

        foreach (var file in Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch.AddYears(file.Length % 2 == 0 ? 100 : 1));
        Mark("out");
        AssertSame("whole", "out");
    }

    [Fact]
    public void Mark_Terminated_ExitsWith143AndGoesOn()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signals");
        Mark("whole");
        var random = new RandomStream(1, "terminations");
        for (var i = 0; i < 3; i++)
        {
            using var process = Start(Arguments("out", batch: 4));
            var before = Journalled(folder.File("out.journal.jsonl")).Length;
            if (!Await(process, () => Journalled(folder.File("out.journal.jsonl")).Length > before))
                break;
            process.WaitForExit(random.Next(60));
            Execute("kill", "-TERM", $"{process.Id}");
            process.WaitForExit();
            Assert.Contains(process.ExitCode, new[] { 143, 0 });
            if (process.ExitCode == 143)
                Assert.Contains("a second signal stops at once", process.StandardError.ReadToEnd());
            AssertWholeFiles("out");
            if (process.ExitCode == 0)
                break;
        }

        if (!File.Exists(Manifest.PathFor(folder.File("out"))))
            Mark("out");
        AssertSame("whole", "out");
    }

    [Fact]
    public void Mark_WhileAnotherProcessMarks_IsRefusedWithItsNumberAndNotOnceItIsKilled()
    {
        Mark("whole");
        using var process = Start(Arguments("out", batch: 1));
        Assert.True(Await(process, () => Journalled(folder.File("out.journal.jsonl")).Length > 0));
        AssertRefused($"process {process.Id}", Arguments("out"));
        process.Kill();
        process.WaitForExit();
        Mark("out");
        AssertSame("whole", "out");
        Assert.False(File.Exists(folder.File("out.lock")));
    }

    [Fact]
    public void Train_KilledAndTerminated_EndsAsOneThatWasNot()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signals");
        Assert.Equal(0, Shell.Run(Train("whole.safetensors")).ExitCode);
        foreach (var signal in new[] { "-KILL", "-TERM" })
        {
            using var process = Start(Train("out.safetensors"));
            if (!Await(process, () => File.Exists(folder.File("out.safetensors.resume"))))
                break;
            Execute("kill", signal, $"{process.Id}");
            process.WaitForExit();
        }

        if (!File.Exists(folder.File("out.safetensors")))
            Assert.Equal(0, Shell.Run(Train("out.safetensors")).ExitCode);
        Assert.Equal(Hashes.OfFile(folder.File("whole.safetensors")), Hashes.OfFile(folder.File("out.safetensors")));
    }

    public void Dispose() => folder.Dispose();

    private string[] Arguments(string output, int batch = 8) =>
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
            "8",
            "--out",
            folder.File(output),
            "--threads",
            "1",
            "--batch",
            $"{batch}",
        ];

    private string[] Train(string output) =>
        [
            "train",
            "--data",
            folder.File("vanilla"),
            "--arch",
            "resnet14",
            "--input-size",
            "16",
            "--epochs",
            "4",
            "--out",
            folder.File(output),
            "--threads",
            "1",
        ];

    private void Mark(string output)
    {
        var (exitCode, _, error) = Shell.Run(Arguments(output));
        Assert.True(exitCode == 0, error);
    }

    /// <summary>Every file but a <c>.part</c> is whole: the same as in the run without a fault.</summary>
    private void AssertWholeFiles(string output)
    {
        if (!Directory.Exists(folder.File(output)) || !Directory.Exists(folder.File("whole")))
            return;
        var whole = Fixtures.HashesBelow(folder.File("whole"));
        Assert.All(
            Fixtures.HashesBelow(folder.File(output)).Where(file => !file.Key.EndsWith(".part", StringComparison.Ordinal)),
            file => Assert.Equal(whole[file.Key], file.Value)
        );
        Assert.False(File.Exists(Manifest.PathFor(folder.File(output))) && File.Exists(folder.File($"{output}.journal.jsonl")));
    }

    private void AssertSame(string one, string other)
    {
        Assert.Equal(Fixtures.HashesBelow(folder.File(one)), Fixtures.HashesBelow(folder.File(other)));
        Assert.Equal(File.ReadAllText(Manifest.PathFor(folder.File(one))), File.ReadAllText(Manifest.PathFor(folder.File(other))));
    }

    private static Process Start(string[] arguments) =>
        Process.Start(
            new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, typeof(CommandLine).Assembly.GetName().Name!), arguments)
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            }
        )!;

    private static int Execute(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }

    private static bool Await(Process process, Func<bool> condition)
    {
        while (!process.WaitForExit(5))
            if (condition())
                return true;
        return false;
    }

    private static string[] JournalLines(string journal)
    {
        if (!File.Exists(journal))
            return [];
        using var reader = new StreamReader(
            new FileStream(journal, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete)
        );
        return reader.ReadToEnd().Split('\n');
    }

    private static string[] Journalled(string journal) => JournalLines(journal) is { Length: > 2 } lines ? lines[1..^1] : [];
}
