using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Marking;

namespace Isotope.Cli.Commands.Marking;

/// <summary>Options of <c>mark</c> for the query images of <c>detect black-box</c>.</summary>
internal sealed class QueryOptionGroup : OptionGroup
{
    private const int TwinVersions = 2;

    private readonly Option<int?> versions = new("--counterfactuals")
    {
        Description =
            "Also make what detect black-box asks about: each marked image in K versions, the published one and K − 1 under other keys, "
            + "in OUT.queries (secret)",
        HelpName = "K",
    };
    private readonly Option<int?> images = new("--counterfactual-images")
    {
        Description = "Marked images of each class that are taken for it, drawn by the key (default: all)",
        HelpName = "N",
    };
    private readonly Option<bool> twins = new("--twins")
    {
        Description =
            "Mark each image along a direction of its own, one of two by a coin, and keep the other version in OUT.queries (secret); "
            + "for detect black-box alone",
    };

    public override IReadOnlyList<Option> Options => [versions, images, twins];

    /// <summary>What has a carrier of its own: each class, or each image of twins.</summary>
    public MarkUnit ReadUnit(ParseResult parsed) => parsed.GetValue(twins) ? MarkUnit.Image : MarkUnit.Class;

    /// <summary>The query images to make; null for none.</summary>
    /// <exception cref="IsotopeException">Options do not fit together, or a value is out of range.</exception>
    public CounterfactualOptions? Read(ParseResult parsed)
    {
        var count = parsed.GetValue(versions);
        var perClass = parsed.GetValue(images);
        var isTwins = parsed.GetValue(twins);
        if (isTwins && count is not (null or TwinVersions))
            throw new IsotopeException($"--counterfactuals: expected none with --twins, which has two versions, found {count}");
        if (count is null && !isTwins && perClass is not null)
            throw new IsotopeException("--counterfactual-images: expected --counterfactuals or --twins with it, found neither");
        if (count is null && !isTwins)
            return null;
        var options = new CounterfactualOptions { Versions = count ?? TwinVersions, ImagesPerClass = perClass };
        options.Validate();
        return options;
    }
}
