using System.Diagnostics;

namespace Isotope.Cli.Tests.Setup;

/// <summary>The example of the documentation, run on the demo's images.</summary>
[Collection(typeof(DemoCollection))]
public sealed class ExampleTests(DemoOnce demo)
{
    [Fact]
    public void FromFolderToPValue_OnTheDemosImages_FindsTheMarkAndNotTheControl()
    {
        using var folder = new TemporaryFolder();
        using var process = Process.Start(
            new ProcessStartInfo(Program(), [demo.Folder, folder.File("work")]) { RedirectStandardOutput = true }
        )!;
        var lines = process.StandardOutput.ReadToEnd().Split('\n');
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        Assert.True(Log10P(lines, "suspect") < -4, string.Join('\n', lines));
        Assert.True(Log10P(lines, "control") > -4, string.Join('\n', lines));
        Assert.Equal(2, lines.Count(line => line.EndsWith("Made again: 0 differ.", StringComparison.Ordinal)));
    }

    private static double Log10P(string[] lines, string name) =>
        double.Parse(
            lines.Single(line => line.StartsWith(name, StringComparison.Ordinal)).Split("log10 p = ")[1].Split(". ")[0],
            System.Globalization.CultureInfo.InvariantCulture
        );

    private static string Program()
    {
        var configuration = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";
        return Path.Combine(
            Repository.Root(),
            "examples",
            "FromFolderToPValue",
            "bin",
            configuration,
            "net10.0",
            Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)),
            "FromFolderToPValue"
        );
    }
}
