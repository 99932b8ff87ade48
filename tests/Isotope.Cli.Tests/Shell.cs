using System.Text.Json;

namespace Isotope.Cli.Tests;

/// <summary>Runs the program inside the tests' own process.</summary>
internal static class Shell
{
    public static (int ExitCode, string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = CommandLine.Run(arguments, output, error);
        return (exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Runs with <c>--json</c>: standard output must be one object and nothing else.</summary>
    public static JsonElement Json(params string[] arguments)
    {
        var (exitCode, output, error) = Run([.. arguments, "--json"]);
        Assert.True(exitCode == 0, error);
        return JsonDocument.Parse(output).RootElement;
    }

    /// <summary>
    /// Expects a user's mistake: exit code 2 and one line that contains a text, perhaps after what was read of a dataset.
    /// </summary>
    public static void AssertRefused(string named, params string[] arguments)
    {
        var (exitCode, output, error) = Run(arguments);
        Assert.Equal((2, ""), (exitCode, output));
        string[] read = ["read  ", "copied  ", "left out  "];
        error = string.Join('\n', error.Split('\n').SkipWhile(line => read.Any(line.StartsWith)));
        Assert.StartsWith("isotope: ", error);
        Assert.Contains(named, error);
        Assert.Single(error.TrimEnd().Split('\n'));
    }
}
