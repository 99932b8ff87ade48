using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Marking;
using Isotope.Networks.Checkpoints;
using Isotope.Training;

namespace Isotope.Cli.Commands;

/// <summary>Options of the commands that train: on what, which network, how, and where to.</summary>
internal sealed class TrainingArguments
{
    private static readonly TrainingOptions Defaults = new();

    private readonly Option<string> data = new("--data") { Description = $"Training images: {Choices.Datasets}", Required = true };
    private readonly Option<string?> overlay = new("--overlay")
    {
        Description =
            "Marked images that replace vanilla ones: by class and name (or id), or a per_sample list (JSON or .pth), by position",
    };
    private readonly Option<int?> limit = new("--limit") { Description = "Train on this many images of each class, the first by name" };
    private readonly Option<string?> test = new("--test") { Description = "Images to measure the accuracy on, in any of these formats" };
    private readonly Option<string?> architecture = new("--arch") { Description = "Architecture, such as resnet20" };
    private readonly Option<string?> init = new("--init") { Description = "Start from a checkpoint: FILE or ARCHITECTURE:FILE" };
    private readonly Option<bool> freeze = new("--freeze-features")
    {
        Description = "Keep the features of --init and retrain the final layer alone",
    };
    private readonly Option<int?> inputSize = new("--input-size")
    {
        Description = "Side of the network's input (default: the architecture's)",
    };
    private readonly Option<string> output = new Option<string>("--out")
    {
        Description = "Checkpoint to write (safetensors)",
        Required = true,
    }.OfNewFile(".safetensors");
    private readonly Option<int> epochs = new("--epochs")
    {
        Description = "Passes over the images",
        DefaultValueFactory = _ => Defaults.Epochs,
    };
    private readonly Option<int> batch = new("--batch") { Description = "Images per step", DefaultValueFactory = _ => Defaults.BatchSize };
    private readonly Option<double> rate = new("--learning-rate")
    {
        Description = "Highest learning rate",
        DefaultValueFactory = _ => Defaults.LearningRate,
    };
    private readonly Option<double> momentum = new("--momentum")
    {
        Description = "Momentum of SGD",
        DefaultValueFactory = _ => Defaults.Momentum,
    };
    private readonly Option<double> decay = new("--weight-decay")
    {
        Description = "L2 penalty on the weights",
        DefaultValueFactory = _ => Defaults.WeightDecay,
    };
    private readonly Option<string> schedule = Choices.ScheduleOption();
    private readonly Option<string> augment = Choices.AugmentOption("Training views");
    private readonly Option<double> smoothing = new("--label-smoothing")
    {
        Description = "Share of each target that is spread over all classes",
    };
    private readonly Option<bool> mixup = new("--mixup") { Description = "Train on mixtures of two images and their targets" };
    private readonly Option<long> seed = new("--seed") { Description = "Seed of initial weights, order and views" };

    public void AddTo(Command command)
    {
        foreach (
            var option in new Option[]
            {
                data,
                overlay,
                limit,
                test,
                architecture,
                init,
                freeze,
                inputSize,
                output,
                epochs,
                batch,
                rate,
                momentum,
                decay,
                schedule,
                augment,
                smoothing,
                mixup,
                seed,
            }
        )
            command.Add(option);
    }

    /// <summary>Checkpoint to write.</summary>
    public string Output(ParseResult parsed) => parsed.GetRequiredValue(output);

    /// <summary>The run that is asked for.</summary>
    /// <exception cref="IsotopeException">A value is out of range, options do not fit together, or a folder can't be used.</exception>
    public TrainingJob Job(ParseResult parsed)
    {
        var options = Options(parsed);
        RequireOneStart(parsed);
        var path = parsed.GetRequiredValue(data);
        RequireFinished(data, path);
        var dataset = Dataset.Open(path);
        if (dataset.ClassNames is [var only])
            throw new IsotopeException(
                $"--data {path}: expected at least 2 classes, found {only} alone; of a list of images, CSV or JSONL, give its file"
            );
        if (parsed.GetValue(overlay) is { } marked)
        {
            RequireFinished(overlay, marked);
            dataset = Overlay(dataset, marked);
        }

        if (parsed.GetValue(limit) is { } perClass)
            dataset = dataset.Limit(perClass);
        var testData = parsed.GetValue(test) is { } folder ? Dataset.Open(folder) : null;
        return new TrainingJob(
            dataset,
            testData,
            parsed.GetValue(architecture),
            parsed.GetValue(init),
            parsed.GetValue(freeze),
            parsed.GetValue(inputSize),
            options
        );
    }

    private static void RequireFinished(Option option, string path)
    {
        if (DatasetMarker.Unfinished(path) is { } left)
            throw new IsotopeException(
                $"{option.Name} {path}: expected a finished dataset, found one that mark or merge has still to finish ({left})"
            );
    }

    private void RequireOneStart(ParseResult parsed)
    {
        if (parsed.GetValue(init) is null)
            return;
        if (parsed.GetValue(architecture) is { } name)
            throw new IsotopeException($"--arch: expected none with --init, whose checkpoint has its own, found {name}");
        if (parsed.GetValue(inputSize) is { } size)
            throw new IsotopeException($"--input-size: expected none with --init, whose checkpoint has its own, found {size}");
    }

    private TrainingOptions Options(ParseResult parsed)
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
            LabelSmoothing = parsed.GetValue(smoothing),
            Mixup = parsed.GetValue(mixup),
            Seed = parsed.GetValue(seed),
        };
        options.Validate();
        return options;
    }

    private static Dataset Overlay(Dataset dataset, string marked) =>
        File.Exists(marked) ? dataset.Overlay(PerSampleFile.Load(marked), marked) : dataset.Overlay(marked);
}
