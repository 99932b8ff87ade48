using System.CommandLine;
using Isotope.Cli.Terminal;

namespace Isotope.Cli.Commands.Models;

/// <summary>A whole training, for <c>train</c> and <c>distill</c>: on what, which network, how, and the checkpoint to write.</summary>
internal sealed class TrainingOptionGroup : OptionGroup
{
    private readonly TrainingImagesOptionGroup images = new();
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
    private readonly LearningOptionGroup learning = new();

    public override IReadOnlyList<Option> Options =>
        [.. images.Options, architecture, init, freeze, inputSize, output, .. learning.Options];

    /// <summary>The checkpoint to write.</summary>
    public string ReadOutput(ParseResult parsed) => parsed.GetRequiredValue(output);

    /// <exception cref="IsotopeException">A value is out of range, options do not fit together, or images can't be used.</exception>
    public TrainingJob ReadJob(ParseResult parsed)
    {
        var options = learning.Read(parsed);
        RequireOneStart(parsed);
        return new TrainingJob(
            images.OpenTraining(parsed),
            images.OpenTest(parsed),
            parsed.GetValue(architecture),
            parsed.GetValue(init),
            parsed.GetValue(freeze),
            parsed.GetValue(inputSize),
            options
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
}
