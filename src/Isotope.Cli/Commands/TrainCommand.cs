using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Networks.Checkpoints;
using Isotope.Training;

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
        var defaults = new TrainingOptions();
        var data = new Option<string>("--data") { Description = "Training images: one folder per class", Required = true };
        var overlay = new Option<string?>("--overlay") { Description = "Marked images that replace vanilla ones: a folder, by class and name, or a per_sample list (JSON or .pth), by position" };
        var limit = new Option<int?>("--limit") { Description = "Train on this many images of each class, the first by name" };
        var test = new Option<string?>("--test") { Description = "Images to measure the accuracy on" };
        var architecture = new Option<string?>("--arch") { Description = "Architecture, such as resnet20" };
        var init = new Option<string?>("--init") { Description = "Start from a checkpoint: FILE or ARCHITECTURE:FILE" };
        var freeze = new Option<bool>("--freeze-features") { Description = "Keep the features of --init and retrain the final layer alone" };
        var inputSize = new Option<int?>("--input-size") { Description = "Side of the network's input (default: the architecture's)" };
        var output = new Option<string>("--out") { Description = "Checkpoint to write (safetensors)", Required = true };
        var epochs = new Option<int>("--epochs") { Description = "Passes over the images", DefaultValueFactory = _ => defaults.Epochs };
        var batch = new Option<int>("--batch") { Description = "Images per step", DefaultValueFactory = _ => defaults.BatchSize };
        var rate = new Option<double>("--learning-rate") { Description = "Highest learning rate", DefaultValueFactory = _ => defaults.LearningRate };
        var momentum = new Option<double>("--momentum") { Description = "Momentum of SGD", DefaultValueFactory = _ => defaults.Momentum };
        var decay = new Option<double>("--weight-decay") { Description = "L2 penalty on the weights", DefaultValueFactory = _ => defaults.WeightDecay };
        var schedule = Choices.ScheduleOption();
        var augment = Choices.AugmentOption("Training views");
        var seed = new Option<long>("--seed") { Description = "Seed of initial weights, order and views" };
        var command = new ExampleCommand("train", "Train a classifier on a dataset of class folders, as somebody who took the images would", Examples)
        {
            data, overlay, limit, test, architecture, init, freeze, inputSize, output, epochs, batch, rate, momentum, decay, schedule, augment, seed,
        };
        command.SetAction(parsed =>
        {
            var options = new TrainingOptions
            {
                Epochs = parsed.GetValue(epochs),
                BatchSize = parsed.GetValue(batch),
                LearningRate = parsed.GetValue(rate),
                Momentum = parsed.GetValue(momentum),
                WeightDecay = parsed.GetValue(decay),
                Schedule = Choices.FindSchedule(parsed.GetValue(schedule)!),
                Augmentation = Choices.FindAugmentation(parsed.GetValue(augment)!),
                Seed = parsed.GetValue(seed),
            };
            options.Validate();
            var dataset = ImageFolder.Open(parsed.GetRequiredValue(data));
            if (parsed.GetValue(overlay) is { } marked) dataset = Overlay(dataset, marked);
            if (parsed.GetValue(limit) is { } perClass) dataset = dataset.Limit(perClass);
            var testData = parsed.GetValue(test) is { } folder ? ImageFolder.Open(folder) : null;
            var job = new TrainingJob(
                dataset, testData, parsed.GetValue(architecture), parsed.GetValue(init), parsed.GetValue(freeze), parsed.GetValue(inputSize), options);
            var report = session.WithProgress(progress =>
                job.Run(parsed.GetRequiredValue(output), session.Device(parsed), progress, session.Cancellation));
            Write(session, parsed, report);
            return 0;
        });
        return command;
    }

    private static ImageFolder Overlay(ImageFolder dataset, string marked) =>
        File.Exists(marked) ? dataset.Overlay(PerSampleFile.Load(marked), marked) : dataset.Overlay(marked);

    private static void Write(Session session, ParseResult parsed, TrainReport report) =>
        session.Write(parsed, report, ReportJson.Default.TrainReport, console =>
        {
            var text = console.Profile.Out.Writer;
            text.WriteLine(FormattableString.Invariant($"trained     {report.Architecture} on {report.Images} images for {report.Epochs} epochs"));
            if (report.Accuracy is { } accuracy) text.WriteLine(FormattableString.Invariant($"accuracy    {100 * accuracy:F1} % on the test images"));
            text.WriteLine($"checkpoint  {report.Out}");
        });
}
