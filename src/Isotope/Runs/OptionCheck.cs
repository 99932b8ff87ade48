using System.Globalization;
using System.Runtime.CompilerServices;

namespace Isotope.Runs;

/// <summary>Checks options, with the same wording for all of them.</summary>
internal static class OptionCheck
{
    /// <summary>Refuses a value that is out of range.</summary>
    /// <param name="holds">Whether it is in range.</param>
    /// <param name="option">What the command line calls it.</param>
    /// <param name="expected">The range, in words.</param>
    /// <param name="found">The value.</param>
    /// <param name="parameter">What users of the library call it; the compiler fills it in.</param>
    /// <exception cref="IsotopeException">The condition does not hold.</exception>
    public static void Require(
        bool holds,
        string option,
        string expected,
        IFormattable? found,
        [CallerArgumentExpression(nameof(found))] string parameter = ""
    )
    {
        if (!holds)
            throw new IsotopeException(
                parameter,
                option,
                $"expected {expected}, found {found?.ToString(null, CultureInfo.InvariantCulture)}"
            );
    }
}
