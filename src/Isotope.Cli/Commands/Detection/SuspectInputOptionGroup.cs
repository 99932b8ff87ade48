using System.CommandLine;
using System.Globalization;
using Isotope.Cli.Terminal;
using Isotope.Networks;

namespace Isotope.Cli.Commands.Detection;

/// <summary>Options for what a tested network takes, since ONNX and TorchScript files do not tell all of it.</summary>
internal sealed class SuspectInputOptionGroup : OptionGroup
{
    private readonly Option<string?> mean = new("--tested-mean")
    {
        Description =
            "Mean that the suspect model subtracts from red, green and blue scaled to 0…1; 0,0,0 for none (default: ImageNet's, "
            + "0.485,0.456,0.406)",
        HelpName = "R,G,B",
    };

    private readonly Option<string?> std = new("--tested-std")
    {
        Description = "Standard deviation by which it divides them; 1,1,1 for none (default: ImageNet's, 0.229,0.224,0.225)",
        HelpName = "R,G,B",
    };

    private readonly Option<int?> size = new("--tested-size")
    {
        Description = "Side of the square views it takes, pixels; needed where the file does not tell, as TorchScript's do not",
    };

    public override IReadOnlyList<Option> Options => [mean, std, size];

    /// <exception cref="IsotopeException">A value is out of range.</exception>
    public InputOverride Read(ParseResult parsed)
    {
        InputOverride input = new()
        {
            Size = parsed.GetValue(size),
            Mean = Numbers(mean, parsed),
            Std = Numbers(std, parsed),
        };
        input.Validate();
        return input;
    }

    /// <summary>Refuses these options where they would have no effect.</summary>
    /// <exception cref="IsotopeException">One is given.</exception>
    public void RequireNone(ParseResult parsed, string with)
    {
        if (new Option[] { mean, std, size }.FirstOrDefault(option => parsed.GetResult(option) is not null) is { } given)
            throw new IsotopeException($"{given.Name}: expected none with {with}, found one");
    }

    private static double[]? Numbers(Option<string?> option, ParseResult parsed)
    {
        if (parsed.GetValue(option) is not { } text)
            return null;
        var numbers = text.Split(',')
            .Select(part => double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN);
        return numbers.ToArray() is { Length: 3 } three && three.All(double.IsFinite)
            ? three
            : throw new IsotopeException($"{option.Name}: expected three numbers, as in 0.5,0.5,0.5, found '{text}'");
    }
}
