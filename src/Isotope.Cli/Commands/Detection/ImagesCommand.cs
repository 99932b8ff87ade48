using System.CommandLine;
using Isotope.Cli.Commands.Models;
using Isotope.Cli.Terminal;
using Isotope.Evidence;
using Isotope.Statistics;
using Spectre.Console;

namespace Isotope.Cli.Commands.Detection;

/// <summary><c>isotope detect images</c>: images + key → p-value, without any model of the suspect.</summary>
internal sealed class ImagesCommand : IsotopeCommand
{
    private static readonly string[] CommandLines =
    [
        "isotope detect images --key owner.key --marking-network resnet20:resnet20.th --images found --originals cifar/train",
        "isotope detect images --key owner.key --marking-network resnet20:resnet20.th --images found.png --reference-images cifar/test "
            + "--out result.json",
    ];

    private readonly KeyOption key = new("The owner's key, or its opening");
    private readonly Option<string> marking = new($"--{TestInput.MarkingNetwork}")
    {
        Description = "Network the images were marked with: FILE or ARCHITECTURE:FILE",
        Required = true,
    };
    private readonly NetworkInputOption markingInput = NetworkInputOption.OfMarking();
    private readonly Option<string> images = new($"--{TestInput.TestImages}")
    {
        Description = "Suspect images: a dataset in any format with the key's classes by name, a folder of images, or one image",
        Required = true,
    };
    private readonly Option<string?> originals = new($"--{TestInput.OriginalImages}")
    {
        Description = "Their vanilla originals, by class and name: the strongest test",
    };
    private readonly Option<string?> reference = new($"--{TestInput.ReferenceImages}")
    {
        Description = "Without originals: other vanilla images of all classes, whose mean and variation are taken out",
    };
    private readonly Option<string?> label = new("--label")
    {
        Description =
            "Class of images without class folders (default: the original's; else all are tried, and the p-value corrected by "
            + "Šidák's formula)",
    };
    private readonly RecordingOptionGroup recording = new();

    public ImagesCommand(Session session)
        : base(
            session,
            TestKinds.Images,
            "Test images for the mark, with or without their originals; no model of the suspect is needed",
            CommandLines
        )
    {
        AddOptions(key, marking, markingInput, images, originals, reference, label);
        session.Passphrase.AddTo(this);
        recording.AddTo(this);
    }

    protected override int Run(ParseResult parsed)
    {
        var test = new ImagesDescription
        {
            Key = key.Read(Session, parsed),
            MarkingNetwork = markingInput.Of(parsed.GetRequiredValue(marking), parsed),
            Images = parsed.GetRequiredValue(images),
            Originals = parsed.GetValue(originals),
            ReferenceImages = parsed.GetValue(reference),
            Label = parsed.GetValue(label),
        };
        recording.Run(Session, parsed, test, Show);
        return 0;
    }

    private static void Show(IAnsiConsole console, TestResult result)
    {
        var details = CosineDetails.Of(result.Kind, result.Details);
        CosineTable.Show(console, result, details);
        if (result.Combination == Combination.Sidak)
            console.WriteLine($"The class is not known: each of {details.Classes.Count} was tried, and the p-value is corrected for that.");
        var moved = details.MeanDisplacement is { } displacement
            ? $" Their features lie {displacement:F2} further along the carriers than their originals', on average."
            : "";
        console.WriteLine($"{result.Input(TestInput.TestImages)!.Images} images tested.{moved}");
        console.WriteLine(RecordingOptionGroup.Describe(details.RankCheck!));
    }
}
