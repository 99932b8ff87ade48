using System.CommandLine;
using Isotope.Evidence;
using Isotope.Files;
using Isotope.Networks;
using Isotope.Networks.BlackBoxes;
using Isotope.Networks.BlackBoxes.Endpoints;
using Isotope.Networks.BlackBoxes.Predictions;
using static TorchSharp.torch;

namespace Isotope.Cli.Commands;

/// <summary>A model to ask.</summary>
/// <param name="Model">It.</param>
/// <param name="Access">How much of its output counts.</param>
/// <param name="Source">What it was opened from, for people.</param>
/// <param name="Input">The same for a result; once it was asked.</param>
internal sealed record OpenedModel(BlackBox Model, Access Access, string Source, Func<TestInput> Input);

/// <summary>Options for the model that is asked: a file, predictions of it, or an endpoint, and how much of its output counts.</summary>
internal sealed class TestedModel
{
    public const string Network = WhiteBoxJob.TestedNetwork;
    public const string Predictions = "predictions";
    public const string Answers = "answers";
    private readonly TestedInput input = new();
    private readonly EndpointArguments endpoint = new();

    private readonly Option<string?> network = new($"--{Network}")
    {
        Description = "Suspect model: FILE or ARCHITECTURE:FILE, also ONNX or TorchScript; FILE#LAYER names TorchScript's classifier",
    };

    private readonly Option<string?> predictions = new($"--{Predictions}")
    {
        Description =
            "Suspect model, by what it said: a CSV or Parquet file with a column image (path below the image folder) and p0…, logit0…, "
            + "loss, top1… or label (class indices)",
        HelpName = "FILE",
    };

    private readonly Option<string?> access = new("--access")
    {
        Description =
            "How much of its output is looked at: probabilities, the true class's loss, the K best labels, or the best one (default: "
            + "probabilities; of --predictions, all)",
        HelpName = "probabilities|loss|topk:K|label",
    };

    private readonly Option<string?> answers = new($"--{Answers}")
    {
        Description =
            "Journal of the endpoint's answers: a later run goes on from it and asks about no image twice (default: beside the output)",
        HelpName = "FILE",
    };

    public void AddTo(Command command)
    {
        command.Add(network);
        command.Add(predictions);
        command.Add(endpoint.Url);
        command.Add(access);
        input.AddTo(command);
        endpoint.AddTo(command);
        command.Add(answers);
    }

    /// <summary>Whether the model is asked over HTTP: its answers are kept as they come.</summary>
    public bool IsEndpoint(ParseResult parsed) => parsed.GetValue(endpoint.Url) is not null;

    /// <summary>Refuses what does not fit together, before anything is read.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="ofEndpoint">Further options that are an endpoint's alone.</param>
    /// <exception cref="IsotopeException">Not one model is given, an option has no effect, or a value is out of range.</exception>
    public void Validate(ParseResult parsed, params IReadOnlyList<Option> ofEndpoint)
    {
        var models = new Option[] { network, predictions, endpoint.Url }.Count(option => IsGiven(parsed, option));
        if (models != 1)
            throw new IsotopeException(
                $"model: expected one of --tested-network, --predictions and --endpoint, found {(models == 0 ? "none" : "several")}"
            );
        if (
            !IsEndpoint(parsed)
            && ofEndpoint.Concat(endpoint.Others).Append(answers).FirstOrDefault(option => IsGiven(parsed, option)) is { } given
        )
            throw new IsotopeException($"{given.Name}: expected none without --endpoint, found one");
        AccessOf(parsed);
        InputOf(parsed);
    }

    /// <summary>Opens the model.</summary>
    /// <param name="parsed">The command line, as <see cref="Validate"/> takes it.</param>
    /// <param name="classes">Number of classes of the images.</param>
    /// <param name="device">Where a network runs.</param>
    /// <param name="output">What the journal lies beside.</param>
    /// <param name="budget">Most images to ask an endpoint about, in all runs; null for no limit.</param>
    /// <param name="cancellation">Checked while waiting for an endpoint.</param>
    /// <exception cref="IsotopeException">It can't be used.</exception>
    public OpenedModel Open(ParseResult parsed, int classes, Device device, string output, long? budget, CancellationToken cancellation)
    {
        var (wanted, taken) = (AccessOf(parsed), InputOf(parsed));
        if (parsed.GetValue(predictions) is { } said)
            return OpenPredictions(said, classes, wanted);
        wanted ??= new(OutputKind.Probabilities);
        return parsed.GetValue(network) is { } file
            ? OpenNetwork(file, classes, wanted, taken, device, cancellation)
            : OpenEndpoint(
                classes,
                endpoint.Of(parsed, taken),
                wanted,
                parsed.GetValue(answers) ?? JournalBeside(output),
                budget,
                cancellation
            );
    }

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private static string JournalBeside(string output) => Path.TrimEndingDirectorySeparator(output) + ".answers.jsonl";

    /// <summary>How much of the model's output is to count; null where that was not said.</summary>
    /// <exception cref="IsotopeException">It is something else.</exception>
    public Access? AccessOf(ParseResult parsed) => parsed.GetValue(access) is { } text ? Access.Parse(text) : null;

    /// <summary>The file of the network; null where the model is something else.</summary>
    public string? NetworkOf(ParseResult parsed) => parsed.GetValue(network);

    /// <summary>What the model was said to take, which bears on its answers.</summary>
    /// <exception cref="IsotopeException">A value is out of range, or would have no effect.</exception>
    public InputOverride InputOf(ParseResult parsed)
    {
        if (parsed.GetValue(predictions) is not null)
            input.RequireNone(parsed, $"--{Predictions}");
        if (endpoint.TakesImages(parsed))
            input.RequireNone(parsed, "an --endpoint without --model");
        return input.Of(parsed);
    }

    /// <summary>Opens a network.</summary>
    /// <exception cref="IsotopeException">It can't be used, or has other classes.</exception>
    public static OpenedModel OpenNetwork(
        string file,
        int classes,
        Access access,
        InputOverride input,
        Device device,
        CancellationToken cancellation
    )
    {
        var loaded = TrialLoad.Load(file, device, input, cancellation);
        if (loaded.Classes == classes)
            return new(
                new LocalBlackBox(loaded, access),
                access,
                $"{loaded.Architecture} sha256:{loaded.Sha256}",
                () => TestInput.Of(Network, file, loaded)
            );
        loaded.Dispose();
        throw new IsotopeException($"{file}: expected a network of {classes} classes, as the images have, found {loaded.Classes}");
    }

    /// <summary>Opens what a model has said.</summary>
    /// <exception cref="IsotopeException">It can't be used.</exception>
    public static OpenedModel OpenPredictions(string file, int classes, Access? access)
    {
        var model = PredictionFile.Open(file, classes, access);
        return new(model, model.Access, $"predictions sha256:{Hashes.OfFile(file)}", () => TestInput.File(Predictions, file));
    }

    /// <summary>Opens what an endpoint has answered.</summary>
    /// <exception cref="IsotopeException">It can't be used.</exception>
    public static OpenedModel OpenAnswers(string journal, int classes, Access access) =>
        new(ReplayedBlackBox.Open(journal, classes, access), access, $"answers in {journal}", () => TestInput.File(Answers, journal));

    private static OpenedModel OpenEndpoint(
        int classes,
        EndpointOptions options,
        Access access,
        string journal,
        long? budget,
        CancellationToken cancellation
    )
    {
        var asked = EndpointBlackBox.Open(classes, options, access, cancellation);
        try
        {
            var recorded = RecordedBlackBox.Open(asked, journal, asked.Settings, asked.BatchSize, budget);
            return new(recorded, access, $"endpoint {options.Url}", () => TestInput.File(Answers, journal));
        }
        catch
        {
            asked.Dispose();
            throw;
        }
    }
}
