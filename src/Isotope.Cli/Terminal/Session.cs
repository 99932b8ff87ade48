using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Isotope.Evidence;
using Isotope.Files;
using Isotope.Networks;
using Spectre.Console;
using static TorchSharp.torch;

namespace Isotope.Cli.Terminal;

/// <summary>What every command shares: where it writes, the options all of them have, and how it is cancelled.</summary>
internal sealed class Session(TextWriter output, TextWriter error, CancellationToken cancellation)
{
    private readonly Option<bool> json = new("--json")
    {
        Description = "Write one JSON object to standard output and nothing else there",
        Recursive = true,
    };
    private readonly Option<string> device = new("--device")
    {
        Description = "cpu, or cuda:N in a build with -p:Torch=cuda",
        DefaultValueFactory = _ => "cpu",
        Recursive = true,
    };
    private readonly Option<int?> threads = new("--threads")
    {
        Description = "Threads for tensor arithmetic (default: all cores)",
        Recursive = true,
    };

    /// <summary>Cancelled by Ctrl-C and SIGTERM.</summary>
    public CancellationToken Cancellation { get; } = cancellation;

    /// <summary>How commands unlock the key they take.</summary>
    public PassphraseInput Passphrase { get; } = new(error);

    /// <summary>Adds the options that all commands have.</summary>
    public void AddOptionsTo(Command root)
    {
        root.Add(json);
        root.Add(device);
        root.Add(threads);
    }

    /// <summary>The device asked for. Sets the number of threads too.</summary>
    /// <exception cref="IsotopeException">No such device.</exception>
    public Device Device(ParseResult parsed)
    {
        if (parsed.GetValue(threads) is { } count)
        {
            if (count < 1)
                throw new IsotopeException($"--threads: expected at least 1, found {count}");
            set_num_threads(count);
        }

        return Devices.Find(parsed.GetValue(device)!);
    }

    /// <summary>Where a test runs.</summary>
    /// <exception cref="IsotopeException">No such device.</exception>
    public TestEnvironment Environment(ParseResult parsed, ProgressDisplay? progress = null) =>
        TrialLoad.EnvironmentOn(Device(parsed), progress, Cancellation) with
        {
            Notes = progress,
        };

    /// <summary>Runs long work and shows its progress on standard error.</summary>
    public T WithProgress<T>(Func<ProgressDisplay, T> work) => ProgressDisplay.Run(error, work);

    /// <summary>Writes the result: as JSON if asked to, else as lines for people.</summary>
    public void Write<T>(ParseResult parsed, T result, JsonTypeInfo<T> type, IEnumerable<string> lines) =>
        Write(
            parsed,
            result,
            type,
            console =>
            {
                foreach (var line in lines)
                    console.Profile.Out.Writer.WriteLine(line);
            }
        );

    /// <summary>Writes the result: as JSON if asked to, else as <paramref name="show"/> does for people.</summary>
    public void Write<T>(ParseResult parsed, T result, JsonTypeInfo<T> type, Action<IAnsiConsole> show)
    {
        if (parsed.GetValue(json))
            output.WriteLine(JsonSerializer.Serialize(result, type));
        else
            show(ConsoleOn(output));
    }

    /// <summary>A line on standard error that says what is going on.</summary>
    public void Say(string message) => error.WriteLine(Printable.Line(message));

    /// <summary>A line of advice on standard error.</summary>
    public void Advise(string message) => error.WriteLine($"isotope: {Printable.Line(message)}");

    /// <summary>An untrusted name, made safe for a cell of a table.</summary>
    public static string Cell(string text) => Markup.Escape(Printable.Line(text));

    /// <summary>A Spectre console on a writer: plain text, 120 wide, unless it is the terminal itself.</summary>
    public static IAnsiConsole ConsoleOn(TextWriter writer)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        if (!console.Profile.Out.IsTerminal)
            console.Profile.Width = 120;
        return console;
    }
}
