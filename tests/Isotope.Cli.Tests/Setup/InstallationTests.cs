using System.Diagnostics;
using static Isotope.Cli.Tests.Shell;

namespace Isotope.Cli.Tests.Setup;

/// <summary>A program installed on a machine: doctor, completion, manual.</summary>
public sealed class InstallationTests : IDisposable
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "Isotope.Cli");
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Doctor_OnAMachineThatWorks_SaysSo()
    {
        var report = Json("doctor");
        Assert.True(report.GetProperty("works").GetBoolean(), report.ToString());
        Assert.Contains(report.GetProperty("checks").EnumerateArray(), check => check.GetProperty("name").GetString() == "libtorch");
    }

    [Fact]
    public void Doctor_DeviceThatIsNotThere_FailsAndNamesIt()
    {
        var (exitCode, output, _) = Run("doctor", "--device", "cuda:7");
        Assert.Equal(1, exitCode);
        Assert.Contains("FAIL  device", output);
        Assert.Contains("cuda:7", output);
    }

    [Theory]
    [InlineData("isotope det", "detect")]
    [InlineData("isotope detect wh", "white-box")]
    [InlineData("isotope mark --psn", "--psnr")]
    [InlineData("isotope mark --augment ", "centre resized shift")]
    [InlineData("isotope key show own", "owner.key")]
    public void Completion_InBash_CompletesCommandsOptionsValuesAndFiles(string line, string expected)
    {
        if (OperatingSystem.IsWindows())
            return;
        File.CreateSymbolicLink(folder.File("isotope"), Program);
        File.WriteAllText(folder.File("owner.key"), "");
        File.WriteAllText(
            folder.File("try.sh"),
            """
            source <(isotope completion bash)
            COMP_LINE="$1"; COMP_POINT=${#1}; COMP_WORDS=($1); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _isotope; echo "${COMPREPLY[*]}"
            """
        );
        Assert.Equal(expected, Out("bash", folder.File("try.sh"), line).Trim());
    }

    [Theory]
    [InlineData("man", ".TH ISOTOPE 1")]
    [InlineData("completion zsh", "#compdef isotope")]
    public void Text_AsJson_IsThatOfTheObject(string command, string begins)
    {
        string[] words = command.Split(' ');
        var text = Json(words).GetProperty("text").GetString();
        Assert.StartsWith(begins, text);
        Assert.Equal(Run(words).Output, text);
    }

    [Fact]
    public void Man_Page_IsReadByTroffWithoutAWarning()
    {
        var page = Run("man").Output;
        Assert.Contains(".SS isotope detect white\\-box", page);
        if (!File.Exists("/usr/bin/groff"))
            return;
        File.WriteAllText(folder.File("isotope.1"), page);
        Assert.Equal("", Out("bash", "-c", $"groff -man -Tutf8 -ww -Kutf8 '{folder.File("isotope.1")}' 2>&1 >/dev/null"));
    }

    public void Dispose() => folder.Dispose();

    private string Out(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, WorkingDirectory = folder.Path };
        start.Environment["PATH"] = $"{folder.Path}:{Environment.GetEnvironmentVariable("PATH")}";
        using var process = Process.Start(start)!;
        return process.StandardOutput.ReadToEnd();
    }
}
