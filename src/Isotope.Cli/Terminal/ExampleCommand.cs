using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Isotope.Cli.Terminal;

/// <summary>A command whose help ends with examples.</summary>
internal class ExampleCommand : Command
{
    public ExampleCommand(string name, string description, params IReadOnlyList<string> examples)
        : base(name, description)
    {
        Examples = examples;
        var help = new HelpOption();
        help.Action = new HelpWithExamples((HelpAction)help.Action!, examples);
        Add(help);
    }

    /// <summary>Examples of command lines.</summary>
    public IReadOnlyList<string> Examples { get; }

    /// <summary>Whether a command line that was interrupted resumes when it is run again.</summary>
    public Func<ParseResult, bool> Resumes { get; set; } = _ => false;

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
