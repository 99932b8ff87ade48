using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Isotope.Cli.Commands.Detection;
using Isotope.Cli.Commands.Evidence;
using Isotope.Cli.Commands.Keys;
using Isotope.Cli.Commands.Marking;
using Isotope.Cli.Commands.Models;
using Isotope.Cli.Commands.Results;
using Isotope.Cli.Commands.Setup;
using Isotope.Cli.Terminal;
using Isotope.Files;
using Isotope.Runs;

namespace Isotope.Cli;

/// <summary>The program: parses, runs, and turns mistakes into one line and an exit code.</summary>
internal static class CommandLine
{
    private const int Bug = 1;

    /// <summary>Exit code for a user's mistake or an unusable input.</summary>
    public const int UserError = 2;

    /// <summary>Runs the program.</summary>
    /// <param name="args">The words after the program's name.</param>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    /// <returns>0 for success, 1 for a bug or a result that does not verify, 2 for a user's mistake, 130 or 143 after a signal.</returns>
    public static int Run(string[] args, TextWriter output, TextWriter error)
    {
        using var signals = new Signals(error);
        var session = new Session(output, error, signals.Token);
        var parsed = Root(session).Parse(args);
        if (parsed.Errors.Count > 0 && parsed.Action is not SynchronousCommandLineAction { ClearsParseErrors: true })
            return Fail(error, $"{Describe(parsed)} (see --help)", UserError);
        if (args.Contains(""))
            return Fail(error, "options: expected values, found an empty one (an unset variable?)", UserError);
        try
        {
            return Invoke(parsed, output, error);
        }
        catch (OperationCanceledException) when (signals.ExitCode is { } exitCode)
        {
            return Fail(error, DescribeInterruption(parsed), exitCode);
        }
        catch (IsotopeException e)
        {
            return Fail(error, e.CommandLineMessage, UserError);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail(error, e.Message, UserError);
        }
        catch (Exception e) when (MemoryShortage.Is(e))
        {
            const string advice = "expected enough for the work at hand, found too little; a smaller --batch or smaller images take less";
            return Fail(error, $"memory: {advice}", UserError);
        }
        catch (Exception e)
        {
            return Fail(error, $"this is a bug, please report it: {e}", Bug);
        }
    }

    /// <summary>
    /// All commands. Not a <see cref="RootCommand"/>, which takes its name from the file that runs.
    /// </summary>
    public static Command Root(Session session)
    {
        var root = new Command(
            "isotope",
            "Isotope marks an image dataset so that a model trained on it carries the mark, and tests models for it."
        )
        {
            new HelpOption(),
            new VersionOption(),
            new PlanCommand(session),
            new KeyCommand(session),
            new PowerCommand(session),
            new MarkCommand(session),
            new MergeCommand(session),
            new CounterfactualsCommand(session),
            new TrainCommand(session),
            new QueryCommand(session),
            new DistillCommand(session),
            DetectCommand.Create(session),
            new VerifyCommand(session),
            new TimestampCommand(session),
            new ReportCommand(session),
            new PlotCommand(session),
            new ServeCommand(session),
            new NetworkCommand(session),
            new StudyCommand(session),
            new ResultsCommand(session),
            new DemoCommand(session),
            new DoctorCommand(session),
            new CompletionCommand(session),
        };
        root.Add(new CompleteCommand(session, root));
        root.Add(new ManCommand(session, root));
        session.AddOptionsTo(root);
        StrictNumbers.ApplyTo(root);
        return root;
    }

    private static int Invoke(ParseResult parsed, TextWriter output, TextWriter error)
    {
        var configuration = new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        return parsed.Invoke(configuration);
    }

    private static string DescribeInterruption(ParseResult parsed) =>
        parsed.CommandResult.Command is IsotopeCommand command && command.Resumes(parsed)
            ? "interrupted; what was finished is kept, and the same command goes on from there"
            : "interrupted";

    /// <summary>The first mistake. An unknown command comes first, since System.CommandLine takes it for an argument.</summary>
    private static string Describe(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (command.Action is not null || !command.Subcommands.Any())
            return Describe(parsed.Errors[0]);
        var name = command.Parents.Any() ? command.Name : "command";
        var expected = string.Join(", ", command.Subcommands.Where(below => !below.Hidden).Select(below => below.Name));
        var found = parsed.UnmatchedTokens.Count > 0 ? $"'{parsed.UnmatchedTokens[0]}'" : "none";
        return $"{name}: expected one of {expected}, found {found}";
    }

    private static string Describe(ParseError problem) =>
        problem.SymbolResult is OptionResult { Option.Name: var name } && !problem.Message.Contains(name, StringComparison.Ordinal)
            ? $"{name}: {problem.Message.Replace("\t", "", StringComparison.Ordinal)}"
            : problem.Message;

    private static int Fail(TextWriter error, string message, int exitCode)
    {
        error.WriteLine($"isotope: {(exitCode == Bug ? message : Printable.Line(message))}");
        return exitCode;
    }
}
