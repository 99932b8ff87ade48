using System.CommandLine;
using Isotope.Datasets;

namespace Isotope.Cli.Commands;

/// <summary><c>--data</c>: a dataset in any of the formats.</summary>
internal sealed class DataOption : Option<string>
{
    public DataOption(string description)
        : base("--data")
    {
        Description = description;
        Required = true;
    }

    /// <exception cref="IsotopeException">It can't be read.</exception>
    public Dataset Open(ParseResult parsed) => Dataset.Open(parsed.GetRequiredValue(this));
}
