using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Training;

namespace Isotope.Cli.Commands.Models;

/// <summary>How a network learns.</summary>
internal sealed class LearningOptionGroup : OptionGroup
{
    private static readonly TrainingOptions Defaults = new();

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
    private readonly ChoiceOption<Schedule> schedule = new(
        "--schedule",
        "Course of the learning rate",
        "one-cycle",
        ("one-cycle", Schedule.OneCycle),
        ("waterfall", Schedule.Waterfall)
    );
    private readonly AugmentOption augment = new("Training views");
    private readonly Option<double> smoothing = new("--label-smoothing")
    {
        Description = "Share of each target that is spread over all classes",
    };
    private readonly Option<bool> mixup = new("--mixup") { Description = "Train on mixtures of two images and their targets" };
    private readonly Option<long> seed = new("--seed") { Description = "Seed of initial weights, order and views" };

    public override IReadOnlyList<Option> Options => [epochs, batch, rate, momentum, decay, schedule, augment, smoothing, mixup, seed];

    /// <exception cref="IsotopeException">A value is out of range.</exception>
    public TrainingOptions Read(ParseResult parsed)
    {
        var options = new TrainingOptions
        {
            Epochs = parsed.GetValue(epochs),
            BatchSize = parsed.GetValue(batch),
            LearningRate = parsed.GetValue(rate),
            Momentum = parsed.GetValue(momentum),
            WeightDecay = parsed.GetValue(decay),
            Schedule = schedule.Read(parsed),
            Augmentation = augment.Read(parsed),
            LabelSmoothing = parsed.GetValue(smoothing),
            Mixup = parsed.GetValue(mixup),
            Seed = parsed.GetValue(seed),
        };
        options.Validate();
        return options;
    }
}
