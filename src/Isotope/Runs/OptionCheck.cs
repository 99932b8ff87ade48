namespace Isotope.Runs;

/// <summary>The one wording of an option out of range.</summary>
internal static class OptionCheck
{
    /// <exception cref="IsotopeException">The condition does not hold.</exception>
    public static void Require(bool holds, string option, string expected, IFormattable? found)
    {
        if (!holds)
            throw new IsotopeException(
                $"{option}: expected {expected}, found {found?.ToString(null, System.Globalization.CultureInfo.InvariantCulture)}"
            );
    }
}
