using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Marking;
using Isotope.Statistics;

namespace Isotope.Cli.Commands;

/// <summary><c>isotope power</c>: what a test will find, before anything is published.</summary>
internal static class PowerCommand
{
    private const string Example = "isotope power --data cifar/train --marking-network resnet20:resnet20.th --fraction 0.02 --psnr 42";

    public static ExampleCommand Create(Session session)
    {
        var data = new Option<string>("--data") { Description = $"Your vanilla images: {Choices.Datasets}", Required = true };
        var marking = new Option<string>("--marking-network")
        {
            Description = "Network to mark with: FILE or ARCHITECTURE:FILE; it has as many classes as the images",
            Required = true,
        };
        var fraction = new Option<double>("--fraction")
        {
            Description = "Fraction q of every class to mark",
            DefaultValueFactory = _ => new DatasetMarkingOptions().Fraction,
        };
        var jpegQuality = Choices.JpegQualityOption();
        var marks = new MarkingArguments();
        var limit = new Option<int?>("--limit")
        {
            Description = "Take this many images of each class, for a quick look: fewer images show less than all of them",
        };
        var seed = new Option<long>("--seed") { Description = "Seed of the throw-away key and of training" };
        var command = new ExampleCommand(
            "power",
            "Say what a test will find for your images, a fraction and a quality, before you publish: theory, and one simulation with "
                + "its control",
            Example
        )
        {
            data,
            marking,
            fraction,
            jpegQuality,
        };
        marks.AddTo(command);
        command.Add(limit);
        command.Add(seed);
        command.SetAction(parsed =>
        {
            var encoding = Choices.FindEncoding("png", parsed.GetValue(jpegQuality));
            var options = new DatasetMarkingOptions
            {
                Fraction = parsed.GetValue(fraction),
                Encoding = encoding,
                Marking = marks.Of(parsed),
            };
            var images = Dataset.Open(parsed.GetRequiredValue(data));
            if (parsed.GetValue(limit) is { } perClass)
                images = images.Limit(perClass);
            var job = new PowerJob(images, parsed.GetRequiredValue(marking), options, parsed.GetValue(seed));
            var device = session.Device(parsed);
            var report = session.WithProgress(progress => job.Run(device, progress, session.Cancellation));
            session.Write(parsed, report, ReportJson.Default.PowerReport, console => Show(console.Profile.Out.Writer, report));
            return 0;
        });
        return command;
    }

    private static void Show(TextWriter text, PowerReport report)
    {
        text.WriteLine($"dataset     {report.Classes} classes, {report.Images} images taken, {report.Dimension} dimensions");
        text.WriteLine(
            $"marks       {100 * report.Fraction:G3} % of the images, {report.MeanPsnr:F1} dB, features moved by "
                + $"{report.MeanDisplacement:F2}"
        );
        text.WriteLine($"theory      {Describe(report.Theory)}");
        text.WriteLine($"simulation  {Describe(report.Simulation)} (one throw-away key less its control)");
        text.WriteLine(
            "Both are of the paper's statistic, classes combined by Stouffer's method, for a classifier retrained on the marking "
                + "network's features without"
        );
        text.WriteLine(
            "augmentation; the default statistic finds more. For a network trained from scratch no theory tells: train one with isotope "
                + "train and test it."
        );
        text.WriteLine("A test that finds nothing is inconclusive at this power, no more.");
    }

    private static string Describe(PowerEstimate estimate) =>
        $"median p = {new PValue(estimate.MedianLog10P)}; p < 0.0001 in {100 * estimate.Power:F0} % of cases; in 90 % from "
        + $"{Smallest(estimate.SmallestFraction)}";

    private static string Smallest(double? fraction) => fraction is null ? "no fraction" : $"q = {100 * fraction:G3} %";
}
