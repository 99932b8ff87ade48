using System.CommandLine;

namespace Isotope.Cli.Terminal;

/// <summary>A command as a type: its options are its members, and <see cref="Run"/> reads as its steps.</summary>
internal abstract class IsotopeCommand : ExampleCommand
{
    protected IsotopeCommand(Session session, string name, string description, params IReadOnlyList<string> examples)
        : base(name, description, examples)
    {
        Session = session;
        SetAction(Run);
    }

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
}
