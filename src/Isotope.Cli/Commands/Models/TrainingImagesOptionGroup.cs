using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Marking;
using Isotope.Networks.Checkpoints;

namespace Isotope.Cli.Commands.Models;

/// <summary>Images to train on, and images to measure the accuracy on.</summary>
internal sealed class TrainingImagesOptionGroup : OptionGroup
{
    private readonly DataOption data = new($"Training images: {DataOption.Formats}");
    private readonly Option<string?> overlay = new("--overlay")
    {
        Description =
            "Marked images that replace vanilla ones: by class and name (or id), or a per_sample list (JSON or .pth), by position",
    };
    private readonly Option<int?> limit = new("--limit") { Description = "Train on this many images of each class, the first by name" };
    private readonly Option<string?> test = new("--test") { Description = "Images to measure the accuracy on, in any of these formats" };

    public override IReadOnlyList<Option> Options => [data, overlay, limit, test, .. data.Reading.Options];

    /// <exception cref="IsotopeException">A dataset can't be read, is not finished, or has one class only.</exception>
    public Dataset OpenTraining(ParseResult parsed)
    {
        var images = OpenVanilla(parsed);
        if (parsed.GetValue(overlay) is { } marked)
            images = Overlay(images, marked);
        return parsed.GetValue(limit) is { } perClass ? images.Limit(perClass) : images;
    }

    /// <summary>Null if none are given.</summary>
    /// <exception cref="IsotopeException">They can't be read.</exception>
    public Dataset? OpenTest(ParseResult parsed) =>
        parsed.GetValue(test) is { } path ? Dataset.Open(path, data.Reading.Read(parsed) with { Split = null }) : null;

    private Dataset OpenVanilla(ParseResult parsed)
    {
        var path = parsed.GetRequiredValue(data);
        RequireFinished(data, path);
        var images = data.Open(parsed);
        if (images.ClassNames is [var only])
            throw new IsotopeException(
                $"--data {path}: expected at least 2 classes, found {only} alone; of a list of images, CSV or JSONL, give its file"
            );
        return images;
    }

    private Dataset Overlay(Dataset images, string marked)
    {
        RequireFinished(overlay, marked);
        return File.Exists(marked) ? images.Overlay(PerSampleFile.Load(marked), marked) : images.Overlay(marked);
    }

    private static void RequireFinished(Option option, string path)
    {
        if (DatasetMarker.Unfinished(path) is { } left)
            throw new IsotopeException(
                $"{option.Name} {path}: expected a finished dataset, found one that mark or merge has still to finish ({left})"
            );
    }
}
