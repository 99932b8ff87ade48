using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Statistics;
using Spectre.Console;

namespace Isotope.Cli.Commands;

/// <summary><c>isotope detect images</c>: images + key → p-value, without any model of the suspect.</summary>
internal static class ImagesCommand
{
    private static readonly string[] Examples =
    [
        "isotope detect images --key owner.key --marking-network resnet20:resnet20.th --images found --originals cifar/train",
        "isotope detect images --key owner.key --marking-network resnet20:resnet20.th --images found.png --reference-images cifar/test "
            + "--out result.json",
    ];

    public static ExampleCommand Create(Session session)
    {
        var key = new Option<string>("--key") { Description = "The owner's key, or its opening", Required = true };
        var marking = new Option<string>("--marking-network")
        {
            Description = "Network the images were marked with: FILE or ARCHITECTURE:FILE",
            Required = true,
        };
        var images = new Option<string>("--images")
        {
            Description = "Suspect images: a dataset in any format with the key's classes by name, a folder of images, or one image",
            Required = true,
        };
        var originals = new Option<string?>("--originals")
        {
            Description = "Their vanilla originals, by class and name: the strongest test",
        };
        var reference = new Option<string?>("--reference-images")
        {
            Description = "Without originals: other vanilla images of all classes, whose mean and variation are taken out",
        };
        var label = new Option<string?>("--label")
        {
            Description =
                "Class of images without class folders (default: the original's; else all are tried, and the p-value corrected by "
                + "Šidák's formula)",
        };
        var recording = new Recording();
        var command = new ExampleCommand(
            "images",
            "Test images for the mark, with or without their originals; no model of the suspect is needed",
            Examples
        )
        {
            key,
            marking,
            images,
            originals,
            reference,
            label,
        };
        session.Passphrase.AddTo(command);
        recording.AddTo(command);
        command.SetAction(parsed =>
        {
            var device = session.Device(parsed);
            if (parsed.GetValue(label) is { } given && Dataset.OpenAny(parsed.GetRequiredValue(images)).ClassNames.Count > 0)
                throw new IsotopeException($"--label: expected none, since {parsed.GetValue(images)} has classes, found '{given}'");
            var job = new ImagesJob(
                session.Passphrase.Key(parsed, parsed.GetRequiredValue(key)),
                parsed.GetRequiredValue(marking),
                parsed.GetRequiredValue(images),
                parsed.GetValue(originals),
                parsed.GetValue(reference),
                parsed.GetValue(label)
            );
            recording.Run(
                session,
                parsed,
                job.Key,
                progress => job.Run(device, progress, session.Cancellation),
                Show,
                result => result.RankCheck
            );
            return 0;
        });
        return command;
    }

    private static void Show(IAnsiConsole console, ImageTestResult result)
    {
        var table = DetectCommand.ClassTable(result.Classes);
        DetectCommand.AddTotal(table, result.Statistic, result.Combination, result.PValue);
        DetectCommand.AddOthers(table, result.Others);
        console.Write(table);
        if (result.Combination == Combination.Sidak)
            console.WriteLine($"The class is not known: each of {result.Classes.Count} was tried, and the p-value is corrected for that.");
        var moved = result.MeanDisplacement is { } displacement
            ? $" Their features lie {displacement:F2} further along the carriers than their originals', on average."
            : "";
        console.WriteLine($"{result.Images} images tested.{moved}");
        console.WriteLine(Recording.Describe(result.RankCheck));
    }
}
