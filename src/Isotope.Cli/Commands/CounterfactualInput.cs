using System.CommandLine;
using Isotope.Datasets;
using Isotope.Marking;

namespace Isotope.Cli.Commands;

/// <summary>Options of <c>mark</c> for what <c>detect black-box</c> will ask about.</summary>
internal sealed class CounterfactualInput
{
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

    public void AddTo(Command command)
    {
        command.Add(versions);
        command.Add(images);
        command.Add(twins);
    }

    public MarkUnit UnitOf(ParseResult parsed) => parsed.GetValue(twins) ? MarkUnit.Image : MarkUnit.Class;

    /// <summary>What to make; null where nothing was asked for.</summary>
    /// <exception cref="IsotopeException">Options do not fit together.</exception>
    public CounterfactualOptions? Of(ParseResult parsed)
    {
        var count = parsed.GetValue(versions);
        if (parsed.GetValue(twins) && count is not (null or 2))
            throw new IsotopeException($"--counterfactuals: expected none with --twins, which has two versions, found {count}");
        if (count is null && !parsed.GetValue(twins))
            return parsed.GetValue(images) is null
                ? null
                : throw new IsotopeException("--counterfactual-images: expected --counterfactuals or --twins with it, found neither");
        var options = new CounterfactualOptions { Versions = count ?? 2, ImagesPerClass = parsed.GetValue(images) };
        options.Validate();
        return options;
    }
}
