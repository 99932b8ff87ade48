using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Isotope.Cli.Terminal;

/// <summary>Numbers with a decimal point only: System.CommandLine reads 0,1 as 1, since a comma may group thousands.</summary>
internal static class StrictNumbers
{
    /// <summary>Applies to all options of a command and of its subcommands.</summary>
    public static void ApplyTo(Command command)
    {
        foreach (var option in command.Options.OfType<Option<double>>())
            option.CustomParser = Parse;
        foreach (var option in command.Options.OfType<Option<double?>>())
            option.CustomParser = result => Parse(result);
        foreach (var subcommand in command.Subcommands)
            ApplyTo(subcommand);
    }

    private static double Parse(ArgumentResult result)
    {
        var text = result.Tokens.Single().Value;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            return number;
        result.AddError($"expected a number, as in 0.1, found '{text}'");
        return double.NaN;
    }
}
