using System.CommandLine;
using Isotope.Networks;

namespace Isotope.Cli.Commands.Models;

/// <summary>What a network takes, where its file does not tell or is wrong: one option for each part that networks play.</summary>
internal sealed class NetworkInputOption : Option<string[]>
{
    private NetworkInputOption(string name, string network)
        : base(name)
    {
        Description =
            $"What {network} takes, if its file does not say: {InputOverride.Words}; isotope network check finds it out (default: the "
            + "file's, else its architecture's with ImageNet's normalisation, which is then said)";
        HelpName = "WORDS";
        AllowMultipleArgumentsPerToken = true;
    }

    /// <summary>For the suspect.</summary>
    public static NetworkInputOption OfSuspect() => new("--tested-input", "the suspect model");

    /// <summary>For references.</summary>
    public static NetworkInputOption OfReferences() => new("--reference-input", "a reference");

    /// <summary>For the marking network.</summary>
    public static NetworkInputOption OfMarking() => new("--marking-input", "the marking network");

    /// <summary>For the only network of a command.</summary>
    public static NetworkInputOption OfNetwork() => new("--input", "the network");

    /// <summary>What was stated; null if nothing was.</summary>
    /// <exception cref="IsotopeException">A word is not understood, or a value is out of range.</exception>
    public InputOverride? Read(ParseResult parsed)
    {
        if (parsed.GetValue(this) is not { Length: > 0 } words)
            return null;
        try
        {
            return InputOverride.Parse(string.Join(' ', words));
        }
        catch (IsotopeException e)
        {
            throw new IsotopeException($"{Name}: {e.CommandLineMessage}", e);
        }
    }

    /// <summary>A network's file with what was stated.</summary>
    public NetworkFile Of(string reference, ParseResult parsed) => new(reference, Read(parsed));
}
