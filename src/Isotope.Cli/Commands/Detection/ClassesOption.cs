using System.CommandLine;
using Isotope.Networks;

namespace Isotope.Cli.Commands.Detection;

/// <summary><c>--classes</c>: which of the suspect's outputs stand for the owner's classes.</summary>
internal sealed class ClassesOption : Option<string?>
{
    public ClassesOption()
        : base("--classes")
    {
        Description =
            "Which of the suspect's outputs stand for your classes: a JSON file such as {\"classes\": {\"cat\": 3, \"dog\": [5, 7]}}, "
            + "order for yours in their order, or auto to find them on vanilla images (default: order where it fits, else auto)";
        HelpName = "MAP|auto|order";
    }

    /// <exception cref="IsotopeException">The file can't be read.</exception>
    public ClassMap? Read(ParseResult parsed) => parsed.GetValue(this) is { } text ? ClassMap.Parse(text) : null;
}
