using System.Text.Json;
using System.Text.Json.Nodes;
using Isotope.Datasets;
using Isotope.Files;
using Isotope.Networks;
using Isotope.Reports;
using Isotope.Runs;
using Isotope.Training;
using static TorchSharp.torch;

namespace Isotope.Cli.Commands.Models;

/// <summary>One training, from images to a checkpoint and its accuracy.</summary>
/// <param name="Dataset">Training images.</param>
/// <param name="Test">Images to measure the accuracy on; null for none.</param>
/// <param name="Architecture">Architecture to train from scratch; null with <paramref name="Init"/>.</param>
/// <param name="Init">Checkpoint to start from; null to start from scratch.</param>
/// <param name="FreezeFeatures">Whether only the final layer of <paramref name="Init"/> is trained.</param>
/// <param name="InputSize">Side of the input, pixels; null for the architecture's.</param>
/// <param name="Options">How the network learns.</param>
internal sealed record TrainingJob(
    Dataset Dataset,
    Dataset? Test,
    string? Architecture,
    string? Init,
    bool FreezeFeatures,
    int? InputSize,
    TrainingOptions Options
)
{
    /// <summary>What is learned about each image. Default: the class of its folder.</summary>
    public Targets Targets { get; init; } = Targets.Folders;

    /// <summary>Where the targets come from, as the run's settings say it; null for the folders.</summary>
    public JsonObject? Teacher { get; init; }

    /// <exception cref="IsotopeException">Options do not fit together, or an input can't be used.</exception>
    public TrainingFacts Run(string output, Device device, IProgress<StageProgress>? progress, CancellationToken cancellation)
    {
        using var held = OutputLock.Take(output);
        using var network = OpenNetwork(device);
        var replaced = AdaptClassifier(network);
        Test?.RequireClasses(network.Classes);
        var settings = Settings(network, cancellation);
        var state = new TrainingState(output, settings);
        var losses = FreezeFeatures
            ? new ClassifierTrainer(Dataset, network, Options, Targets).Run(progress, cancellation)
            : new Trainer(Dataset, network, Options, Targets).Run(state, progress, cancellation);
        Save(network, output, settings, losses);
        double? accuracy = Test is null ? null : Evaluation.Accuracy(network, Test, progress, cancellation);
        state.Delete(); // last: a run that is killed before this goes on from its last epoch
        return new TrainingFacts(
            RunSettings.Version,
            network.Architecture,
            Dataset.Images.Count,
            Options.Epochs,
            accuracy,
            losses,
            output,
            Hashes.OfFile(output),
            get_num_threads(),
            replaced
        );
    }

    private static void Save(TorchNetwork network, string output, JsonObject settings, IReadOnlyList<double> losses)
    {
        var metadata = new Dictionary<string, string>
        {
            ["isotope.training"] = settings.ToJsonString(),
            ["isotope.losses"] = JsonSerializer.Serialize(losses),
        };
        network.Save(output, metadata);
    }

    private TorchNetwork OpenNetwork(Device device)
    {
        if (Init is not null)
            return Network.Load(Init, device) as TorchNetwork
                ?? throw new IsotopeException(
                    $"--init {Init}: expected a checkpoint of an architecture that Isotope has, found a model that brings its own, "
                        + "which can be tested but not trained"
                );
        if (FreezeFeatures)
            throw new IsotopeException("--freeze-features: expected --init with the features to keep, found none");
        if (Architecture is null)
            throw new IsotopeException("--arch: expected an architecture, or --init with a checkpoint, found neither");
        return Network.Create(Architecture, Dataset.ClassNames.Count, InputSize, Options.Seed, device);
    }

    /// <summary>Gives a checkpoint of other classes a new final layer.</summary>
    /// <returns>How many classes its own had; null if it stays.</returns>
    private int? AdaptClassifier(TorchNetwork network)
    {
        var own = network.Classes;
        if (own == Dataset.ClassNames.Count)
            return null;
        network.ReplaceClassifier(Dataset.ClassNames.Count, Options.Seed);
        return own;
    }

    private JsonObject Settings(TorchNetwork network, CancellationToken cancellation)
    {
        var settings = new JsonObject
        {
            ["isotope"] = RunSettings.Version,
            ["architecture"] = network.Architecture,
            ["inputSize"] = network.Input.Size,
            ["initSha256"] = Init is null ? null : Hashes.OfFile(NetworkReference.Parse(Init).Path),
            ["freezeFeatures"] = FreezeFeatures,
            ["images"] = Dataset.Images.Count,
            ["contentsSha256"] = Dataset.ContentsSha256(cancellation),
            ["training"] = JsonSerializer.SerializeToNode(Options, ReportJson.Default.TrainingOptions),
        };
        if (Teacher is not null)
            settings["teacher"] = Teacher.DeepClone();
        return settings;
    }
}
