using Isotope.Files;

namespace Isotope;

/// <summary>
/// A user's mistake or an unusable input. The message is one line that names the file or parameter, what was expected and what was found.
/// The command line names its option instead of a parameter, prints the line and exits 2.
/// </summary>
public sealed class IsotopeException : Exception
{
    /// <inheritdoc cref="IsotopeException"/>
    public IsotopeException(string message)
        : base(Printable.Line(message)) => CommandLineMessage = Message;

    /// <inheritdoc cref="IsotopeException"/>
    public IsotopeException(string message, Exception inner)
        : base(Printable.Line(message), inner) => CommandLineMessage = Message;

    /// <summary>A parameter that is out of range, which is an option on the command line.</summary>
    internal IsotopeException(string parameter, string option, string problem)
        : base(Printable.Line($"{parameter}: {problem}")) => CommandLineMessage = Printable.Line($"{option}: {problem}");

    /// <summary>The message as the command line says it: with the option's name in place of the parameter's.</summary>
    internal string CommandLineMessage { get; }
}
