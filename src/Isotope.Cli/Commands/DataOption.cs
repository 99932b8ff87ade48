using System.CommandLine;
using Isotope.Datasets;

namespace Isotope.Cli.Commands;

/// <summary><c>--data</c>: a dataset in any of the formats.</summary>
internal sealed class DataOption : Option<string>
{
    /// <summary>What the help says about the formats of datasets.</summary>
    public const string Formats =
        "one folder per class, IDX, CIFAR or STL-10 batches, NPZ, tar or zip archives (WebDataset), Parquet (Hugging Face), or a list "
        + "(CSV, TSV, JSON); a folder, a file or a pattern";

    public DataOption(string description)
        : base("--data")
    {
        Description = description;
        Required = true;
    }

    /// <summary>The columns and the split to read.</summary>
    public ReadingOptionGroup Reading { get; } = new();

    /// <exception cref="IsotopeException">It can't be read.</exception>
    public Dataset Open(ParseResult parsed) => Dataset.Open(parsed.GetRequiredValue(this), Reading.Read(parsed));
}
