using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Datasets;

namespace Isotope.Cli.Commands;

/// <summary><c>--image-column</c>, <c>--label-column</c>, <c>--split</c>: what is read of a dataset where its files do not tell.</summary>
internal sealed class ReadingOptionGroup : OptionGroup
{
    private readonly Option<string?> imageColumn = new("--image-column")
    {
        Description = "Column of images (Parquet), of paths (lists), or field of images (archives); default: as metadata or names tell",
        HelpName = "NAME",
    };
    private readonly Option<string?> labelColumn = new("--label-column")
    {
        Description = "Column or field of labels, also a key of .json in archives; default: as metadata or names tell",
        HelpName = "NAME",
    };
    private readonly Option<string?> split = new("--split")
    {
        Description = "Split to read, such as test (default: train if names tell, else all)",
        HelpName = "NAME",
    };

    public override IReadOnlyList<Option> Options => [imageColumn, labelColumn, split];

    public DatasetOptions Read(ParseResult parsed) =>
        new()
        {
            ImageColumn = parsed.GetValue(imageColumn),
            LabelColumn = parsed.GetValue(labelColumn),
            Split = parsed.GetValue(split),
        };
}
