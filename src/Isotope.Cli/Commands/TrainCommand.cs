using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Reports;

namespace Isotope.Cli.Commands;

/// <summary><c>isotope train</c>: what a data thief would do, for experiments.</summary>
internal static class TrainCommand
{
    private static readonly string[] Examples =
    [
        "isotope train --data cifar/train --overlay marked --arch resnet20 --epochs 30 --test cifar/test --out suspect.safetensors",
        "isotope train --data cifar/train --overlay marked.json --arch resnet20 --out suspect.safetensors",
        "isotope train --data marked --freeze-features --init resnet20:resnet20.th --augment centre --out suspect.safetensors",
    ];

    public static ExampleCommand Create(Session session)
    {
        var arguments = new TrainingArguments();
        var command = new ExampleCommand("train", "Train a classifier on a dataset, as somebody who took the images would", Examples);
        arguments.AddTo(command);
        command.Resumes = _ => true;
        command.SetAction(parsed =>
        {
            var job = arguments.Job(parsed);
            var report = session.WithProgress(progress =>
                job.Run(arguments.Output(parsed), session.Device(parsed), progress, session.Cancellation)
            );
            Write(session, parsed, report);
            return 0;
        });
        return command;
    }

    private static void Write(Session session, ParseResult parsed, TrainingFacts report) =>
        session.Write(
            parsed,
            report,
            ReportJson.Default.TrainingFacts,
            console =>
            {
                var text = console.Profile.Out.Writer;
                text.WriteLine($"trained     {report.Architecture} on {report.Images} images");
                text.WriteLine($"epochs      {report.Epochs}");
                if (report.Accuracy is { } accuracy)
                    text.WriteLine($"accuracy    {100 * accuracy:F1} % on the test images");
                text.WriteLine($"checkpoint  {report.Out}");
            }
        );
}
