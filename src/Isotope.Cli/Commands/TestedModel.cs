using System.CommandLine;
using Isotope.Networks;
using Isotope.Networks.BlackBoxes;
using static TorchSharp.torch;

namespace Isotope.Cli.Commands;

/// <summary>Options for the model that is asked: what it is, and how much of its output counts.</summary>
internal sealed class TestedModel
{
    private readonly TestedInput input = new();

    private readonly Option<string> network = new("--tested-network")
    {
        Description = "Suspect model: FILE or ARCHITECTURE:FILE, also ONNX or TorchScript; FILE#LAYER names TorchScript's classifier",
        Required = true,
    };

    private readonly Option<string> access = new("--access")
    {
        Description = "How much of its output is looked at: probabilities, the true class's loss, the K best labels, or the best one",
        HelpName = "probabilities|loss|topk:K|label",
        DefaultValueFactory = _ => "probabilities",
    };

    public void AddTo(Command command)
    {
        command.Add(network);
        command.Add(access);
        input.AddTo(command);
    }

    /// <summary>How much of the outputs counts.</summary>
    /// <exception cref="IsotopeException">Something else was given.</exception>
    public Access AccessOf(ParseResult parsed) => Access.Parse(parsed.GetValue(access)!);

    /// <summary>The model, and what it was loaded from.</summary>
    /// <exception cref="IsotopeException">It can't be loaded.</exception>
    public (BlackBox Model, string Source) Open(ParseResult parsed, Device device)
    {
        var loaded = Network.Load(parsed.GetRequiredValue(network), device, input.Of(parsed));
        return (new LocalBlackBox(loaded, AccessOf(parsed)), $"{loaded.Architecture} sha256:{loaded.Sha256}");
    }
}
