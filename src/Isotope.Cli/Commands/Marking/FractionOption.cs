using System.CommandLine;
using Isotope.Marking;

namespace Isotope.Cli.Commands.Marking;

/// <summary><c>--fraction</c>: how many of the images are marked.</summary>
internal sealed class FractionOption : Option<double>
{
    public FractionOption(string description)
        : base("--fraction")
    {
        Description = description;
        DefaultValueFactory = _ => new DatasetMarkingOptions().Fraction;
    }
}
