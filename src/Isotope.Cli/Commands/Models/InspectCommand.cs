using System.CommandLine;
using System.Globalization;
using Isotope.Cli.Terminal;
using Isotope.Files;
using Isotope.Networks;

namespace Isotope.Cli.Commands.Models;

/// <summary><c>isotope network inspect</c>.</summary>
internal sealed class InspectCommand : IsotopeCommand
{
    private const int MostNames = 6;

    private readonly Argument<string> file = new("file")
    {
        Description = "Checkpoint (safetensors, or PyTorch's .pth, .pt or .th), ONNX or TorchScript; nothing in it is run",
    };

    public InspectCommand(Session session)
        : base(
            session,
            "inspect",
            "Say what a file of weights holds: format, architecture or why it is not recognised, sizes, linear layers",
            "isotope network inspect suspect.pth"
        ) => Add(file);

    protected override int Run(ParseResult parsed)
    {
        var network = NetworkDescription.Of(parsed.GetRequiredValue(file));
        Session.Write(parsed, network, ReportJson.Default.NetworkDescription, Lines(network));
        return 0;
    }

    private static IEnumerable<string> Lines(NetworkDescription network)
    {
        var guessed = network.OfLastLayer ? " (of the last linear layer)" : "";
        var types = network.Types.Count == 0 ? "none" : string.Join(", ", network.Types.Select(type => $"{type.Value} {type.Key}"));
        yield return $"format        {network.Format}";
        yield return $"architecture  {network.Architecture ?? $"not recognised: {network.NotRecognised}"}";
        foreach (var open in network.LeftOpen)
            yield return $"left open     {open}";
        if (network.Place.Length > 0)
            yield return $"weights       under {Printable.Line(network.Place)}";
        if (network.LeftOut.Count > 0)
            yield return $"left out      {Some(network.LeftOut)}";
        if (network.Reading is { } reading)
            yield return $"read as       {reading}";
        yield return $"dimension     {OrUnknown(network.Dimension)}{guessed}";
        yield return $"classes       {(network.Classes == 0 ? "none: no classifier" : OrUnknown(network.Classes))}{guessed}";
        if (network.Architecture is not null)
            yield return $"input         {InputOf(network)}";
        yield return $"parameters    {network.Parameters} (tensors: {types})";
        foreach (var layer in network.LinearLayers)
            yield return $"linear        {layer.Name}: {layer.Inputs} to {layer.Outputs}{(layer.Bias ? ", bias" : "")}";
        yield return $"sha256        {network.Sha256}";
    }

    private static string Some(IReadOnlyList<string> names) =>
        Printable.Line(string.Join(", ", names.Take(MostNames))) + (names.Count > MostNames ? $" and {names.Count - MostNames} more" : "");

    private static string OrUnknown(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "unknown";

    private static string InputOf(NetworkDescription network)
    {
        if (network.Input is { } input)
            return $"{input}";
        return network.InputSize is { } size
            ? $"{size} × {size}, normalisation not stated in the file"
            : "size and normalisation not stated in the file";
    }
}
