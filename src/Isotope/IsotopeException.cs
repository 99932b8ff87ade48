using Isotope.Files;

namespace Isotope;

/// <summary>
/// A user's mistake or an unusable input. The message is one line that names the file or option, what was expected and
/// what was found; the command line prints it and exits 2.
/// </summary>
public sealed class IsotopeException : Exception
{
    /// <inheritdoc cref="IsotopeException"/>
    public IsotopeException(string message)
        : base(Printable.Line(message)) { }

    /// <inheritdoc cref="IsotopeException"/>
    public IsotopeException(string message, Exception inner)
        : base(Printable.Line(message), inner) { }
}
