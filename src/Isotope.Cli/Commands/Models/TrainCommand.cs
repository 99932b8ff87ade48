using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Reports;

namespace Isotope.Cli.Commands.Models;

/// <summary><c>isotope train</c>: trains on images as somebody who took them would, for experiments.</summary>
internal sealed class TrainCommand : IsotopeCommand
{
    private static readonly string[] CommandLines =
    [
        "isotope train --data cifar/train --overlay marked --arch resnet20 --epochs 30 --test cifar/test --out suspect.safetensors",
        "isotope train --data cifar/train --overlay marked.json --arch resnet20 --out suspect.safetensors",
        "isotope train --data marked --freeze-features --init resnet20:resnet20.th --augment centre --out suspect.safetensors",
    ];

    private readonly TrainingOptionGroup training = new();

    public TrainCommand(Session session)
        : base(session, "train", "Train a classifier on a dataset, as somebody who took the images would", CommandLines)
    {
        training.AddTo(this);
        Resumes = _ => true;
    }

    protected override int Run(ParseResult parsed)
    {
        var job = training.ReadJob(parsed);
        var output = training.ReadOutput(parsed);
        var trained = Session.WithProgress(progress => job.Run(output, Session.Device(parsed), progress, Session.Cancellation));
        Session.Write(parsed, trained, ReportJson.Default.TrainingFacts, Lines(trained));
        return 0;
    }

    private static IEnumerable<string> Lines(TrainingFacts trained)
    {
        yield return $"trained     {trained.Architecture} on {trained.Images} images";
        if (trained.ReplacedClasses is { } classes)
            yield return $"classifier  a new one, since the checkpoint's has {classes} classes";
        yield return $"epochs      {trained.Epochs}";
        if (trained.Accuracy is { } accuracy)
            yield return $"accuracy    {100 * accuracy:F1} % on the test images";
        yield return $"checkpoint  {trained.Out}";
    }
}
