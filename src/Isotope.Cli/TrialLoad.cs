using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Isotope.Evidence;
using Isotope.Networks;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Cli;

/// <summary>
/// Loads a TorchScript file in a process of its own before this one does: libtorch answers most programs that are wrong by
/// ending the process, with an exception that cannot be caught from here. So that end is a one-line error too.
/// </summary>
internal static class TrialLoad
{
    private const string Group = "network",
        Name = "try",
        What = "what():";

    /// <summary>The command that the other process runs: loads a network and says nothing.</summary>
    public static Command Create()
    {
        var file = new Argument<string>("file");
        var size = new Option<int?>("--size");
        var command = new Command(Name, "Load a network, to see whether that ends the process") { file, size };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            Network.Load(parsed.GetRequiredValue(file), overrides: new InputOverride { Size = parsed.GetValue(size) }).Dispose();
            return 0;
        });
        return command;
    }

    /// <summary>Where the program's tests run: a suspect that is a program is tried in another process first.</summary>
    public static TestEnvironment EnvironmentOn(Device device, IProgress<StageProgress>? progress, CancellationToken cancellation) =>
        new()
        {
            Device = device,
            Progress = progress,
            Cancellation = cancellation,
            LoadNetwork = Load,
        };

    /// <summary>Loads a network; tries that first, if it would run a program that the file brings.</summary>
    /// <exception cref="IsotopeException">It can't be loaded: the other process refused it, or ended.</exception>
    public static Network Load(string reference, Device device, InputOverride? input, CancellationToken cancellation)
    {
        Try(reference, input, cancellation);
        return Network.Load(reference, device, input);
    }

    private static void Try(string reference, InputOverride? input, CancellationToken cancellation)
    {
        if (input?.Size is not { } size || !Network.IsProgram(reference))
            return;
        using var process = Process.Start(Command(Group, Name, reference, "--size", size.ToString(CultureInfo.InvariantCulture)))!;
        using var registration = cancellation.Register(() => process.Kill());
        process.StandardInput.Close();
        process.StandardOutput.Close();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        if (process.ExitCode != 0)
            throw new IsotopeException(Refusal(reference, process.ExitCode, error));
    }

    /// <summary>One line of what the other process said: its refusal, or why it ended. Programs may warn before that.</summary>
    private static string Refusal(string reference, int exitCode, string error)
    {
        const string prefix = "isotope: ",
            unhandled = "Unhandled exception. ";
        string[] lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (exitCode == CommandLine.UserError && After(prefix, lines) is { } refusal)
            return refusal;
        var reason = After(What, lines) ?? After(unhandled, lines) ?? $"exit code {exitCode}";
        return $"{reference}: expected TorchScript that libtorch loads and runs, found that it ends the process: {reason} (docs/export.md)";
    }

    /// <summary>What stands after a mark, on its line or, if nothing does, on the next.</summary>
    private static string? After(string mark, string[] lines)
    {
        var at = Array.FindIndex(lines, line => line.StartsWith(mark.TrimEnd(), StringComparison.Ordinal));
        if (at < 0)
            return null;
        var rest = lines[at][mark.TrimEnd().Length..].Trim();
        if (rest.Length == 0 && at + 1 < lines.Length)
            rest = lines[at + 1];
        return string.Concat(rest.Where(c => !char.IsControl(c)));
    }

    /// <summary>This program again, from beside its library: as a file of its own, or through the host that runs it.</summary>
    private static ProcessStartInfo Command(params string[] arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, typeof(TrialLoad).Assembly.GetName().Name!);
        var own = OperatingSystem.IsWindows() ? program + ".exe" : program;
        var start = File.Exists(own)
            ? new ProcessStartInfo(own, arguments)
            : new ProcessStartInfo(Environment.ProcessPath!, [program + ".dll", .. arguments]);
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        return start;
    }
}
