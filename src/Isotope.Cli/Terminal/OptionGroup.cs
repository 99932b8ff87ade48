using System.CommandLine;

namespace Isotope.Cli.Terminal;

/// <summary>Options that belong together; several commands may share them.</summary>
internal abstract class OptionGroup
{
    /// <summary>In the order of the help.</summary>
    public abstract IReadOnlyList<Option> Options { get; }

    public void AddTo(Command command)
    {
        foreach (var option in Options)
            command.Add(option);
    }
}
