using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Isotope.Cli.Terminal;

/// <summary>
/// A command as a type: its options are its members, and <see cref="Run"/> reads as its steps. Its help ends with examples.
/// </summary>
internal abstract class IsotopeCommand : Command
{
    protected IsotopeCommand(Session session, string name, string description, params IReadOnlyList<string> examples)
        : base(name, description)
    {
        Session = session;
        Examples = examples;
        var help = new HelpOption();
        help.Action = new HelpWithExamples((HelpAction)help.Action!, examples);
        Add(help);
        SetAction(Run);
    }

    /// <summary>Command lines that work.</summary>
    public IReadOnlyList<string> Examples { get; }

    /// <summary>Whether an interrupted run of a command line goes on where it was.</summary>
    public Func<ParseResult, bool> Resumes { get; protected init; } = _ => false;

    /// <summary>What every command shares.</summary>
    protected Session Session { get; }

    /// <summary>Adds options in the order of the help.</summary>
    protected void AddOptions(params IReadOnlyList<Option> options)
    {
        foreach (var option in options)
            Add(option);
    }

    /// <summary>Does the command's work.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="IsotopeException">The user's mistake, in one line.</exception>
    protected abstract int Run(ParseResult parsed);

    private sealed class HelpWithExamples(HelpAction help, IReadOnlyList<string> examples) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var exitCode = help.Invoke(parseResult);
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine(examples.Count == 1 ? "Example:" : "Examples:");
            foreach (var example in examples)
                output.WriteLine($"  {example}");
            output.WriteLine();
            return exitCode;
        }
    }
}
