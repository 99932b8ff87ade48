using System.CommandLine;
using Isotope.Cli.Commands.Models;
using Isotope.Cli.Terminal;
using Isotope.Evidence;
using Isotope.Networks;
using Isotope.Networks.BlackBoxes;

namespace Isotope.Cli.Commands.Detection;

/// <summary>Options for the model that is asked: a file, predictions of it, or an endpoint, and how much of its output counts.</summary>
/// <param name="withClasses">Whether the model may have other classes than the images.</param>
internal sealed class AskedModelOptionGroup(bool withClasses = false) : OptionGroup
{
    private readonly ClassesOption classes = new();
    private readonly NetworkInputOption input = NetworkInputOption.OfSuspect();
    private readonly EndpointOptionGroup endpoint = new();

    private readonly Option<string?> network = new($"--{TestInput.TestedNetwork}")
    {
        Description = "Suspect model: FILE or ARCHITECTURE:FILE, also ONNX or TorchScript; FILE#LAYER names TorchScript's classifier",
    };

    private readonly Option<string?> predictions = new($"--{TestInput.Predictions}")
    {
        Description =
            "Suspect model, by what it said: a CSV or Parquet file with a column image (path below the image folder) and p0… or p:CLASS…, "
            + "logit0… or logit:CLASS…, loss, top1… or label (class indices)",
        HelpName = "FILE",
    };

    private readonly Option<string?> access = new("--access")
    {
        Description =
            "How much of its output is looked at: probabilities, the true class's loss, the K best labels, or the best one (default: "
            + "probabilities; of --predictions, all)",
        HelpName = "probabilities|loss|topk:K|label",
    };

    private readonly Option<string?> answers = new($"--{TestInput.Answers}")
    {
        Description =
            "Journal of the endpoint's answers: a later run goes on from it and asks about no image twice (default: beside the output)",
        HelpName = "FILE",
    };

    public override IReadOnlyList<Option> Options =>
        [network, predictions, endpoint.Url, access, .. withClasses ? (Option[])[classes] : [], input, .. endpoint.Options, answers];

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
            && ofEndpoint.Concat(endpoint.Options).Append(answers).FirstOrDefault(option => IsGiven(parsed, option)) is { } given
        )
            throw new IsotopeException($"{given.Name}: expected none without --endpoint, found one");
        AccessOf(parsed);
        InputOf(parsed);
    }

    /// <summary>The model, not opened yet.</summary>
    /// <param name="parsed">The command line, as <see cref="Validate"/> takes it.</param>
    /// <param name="output">What an endpoint's journal lies beside.</param>
    /// <exception cref="IsotopeException">A value is out of range.</exception>
    public AskedModel Read(ParseResult parsed, string output)
    {
        var takes = InputOf(parsed);
        AskedModel model;
        if (parsed.GetValue(predictions) is { } said)
            model = new AskedPredictions(said);
        else if (parsed.GetValue(network) is { } file)
            model = new AskedNetwork(file);
        else
            model = new AskedEndpoint(endpoint.Read(parsed, takes), parsed.GetValue(answers) ?? JournalBeside(output));
        return model with { Access = AccessOf(parsed), Takes = takes, Classes = withClasses ? classes.Read(parsed) : null };
    }

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private static string JournalBeside(string output) => Path.TrimEndingDirectorySeparator(output) + ".answers.jsonl";

    private Access? AccessOf(ParseResult parsed) => parsed.GetValue(access) is { } text ? Access.Parse(text) : null;

    /// <summary>What the model was said to take, which bears on its answers.</summary>
    /// <exception cref="IsotopeException">A value is out of range, or would have no effect.</exception>
    private InputOverride? InputOf(ParseResult parsed)
    {
        if (parsed.GetValue(predictions) is not null)
            RequireNoInput(parsed, $"--{TestInput.Predictions}");
        if (endpoint.TakesImages(parsed))
            RequireNoInput(parsed, "an --endpoint without --model");
        return input.Read(parsed);
    }

    private void RequireNoInput(ParseResult parsed, string with)
    {
        if (IsGiven(parsed, input))
            throw new IsotopeException($"{input.Name}: expected none with {with}, found one");
    }
}
