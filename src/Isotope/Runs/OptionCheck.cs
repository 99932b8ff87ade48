using System.Globalization;

namespace Isotope.Runs;

/// <summary>Checks options, with the same wording for all of them.</summary>
internal static class OptionCheck
{
    /// <exception cref="IsotopeException">The condition does not hold.</exception>
    public static void Require(bool holds, string option, string expected, IFormattable? found)
    {
        if (!holds)
            throw new IsotopeException($"{option}: expected {expected}, found {found?.ToString(null, CultureInfo.InvariantCulture)}");
    }
}
