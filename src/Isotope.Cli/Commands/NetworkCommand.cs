using System.CommandLine;
using System.Globalization;
using Isotope.Cli.Commands.Detection;
using Isotope.Cli.Terminal;
using Isotope.Files;
using Isotope.Networks;
using Isotope.Networks.Checkpoints;

namespace Isotope.Cli.Commands;

/// <summary><c>isotope network</c>: what is in a file of weights, and the same weights in another format.</summary>
internal static class NetworkCommand
{
    public static Command Create(Session session) =>
        new("network", "Look into a file of weights, or write it in another format")
        {
            Inspect(session),
            Convert(session),
            TrialLoad.Create(),
        };

    private static ExampleCommand Inspect(Session session)
    {
        var file = new Argument<string>("file")
        {
            Description = "Checkpoint (safetensors, or PyTorch's .pth, .pt or .th), ONNX or TorchScript; nothing in it is run",
        };
        var command = new ExampleCommand(
            "inspect",
            "Say what a file of weights holds: format, architecture or why it is not recognised, sizes, linear layers",
            "isotope network inspect suspect.pth"
        )
        {
            file,
        };
        command.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(file);
            var description = NetworkDescription.Of(path);
            session.Write(
                parsed,
                description,
                ReportJson.Default.NetworkDescription,
                console => Show(console.Profile.Out.Writer, description)
            );
            return 0;
        });
        return command;
    }

    private static ExampleCommand Convert(Session session)
    {
        var from = new Argument<string>("in")
        {
            Description = "Checkpoint: safetensors, or PyTorch's .pth, .pt or .th; nothing in it is run",
        };
        var to = new Argument<string>("out")
        {
            Description = "New file; its extension says the format: .safetensors, or .pth, .pt or .th for PyTorch",
        };
        var command = new ExampleCommand(
            "convert",
            "Write weights in another format: the state dict alone, element types as they are, metadata in safetensors only",
            "isotope network convert suspect.pth suspect.safetensors"
        )
        {
            from,
            to,
        };
        command.SetAction(parsed =>
        {
            var (source, target) = (parsed.GetRequiredValue(from), parsed.GetRequiredValue(to));
            using var weights = Checkpoint.Load(source);
            Checkpoint.Save(weights, target);
            var report = new ConvertReport(RunSettings.Version, weights.Count, target, Hashes.OfFile(target));
            session.Write(
                parsed,
                report,
                ReportJson.Default.ConvertReport,
                console => console.Profile.Out.Writer.WriteLine($"converted     {report.Tensors} tensors to {target}")
            );
            if (weights.Metadata.Count > 0 && !Checkpoint.IsSafetensors(target))
                session.Advise($"{target} has no place for the metadata of {source}, such as an architecture or normalisation");
            return 0;
        });
        return command;
    }

    private static void Show(TextWriter text, NetworkDescription network)
    {
        var guessed = network.OfLastLayer ? " (of the last linear layer)" : "";
        var types = network.Types.Count == 0 ? "none" : string.Join(", ", network.Types.Select(type => $"{type.Value} {type.Key}"));
        text.WriteLine($"format        {network.Format}");
        text.WriteLine($"architecture  {network.Architecture ?? $"not recognised: {network.NotRecognised}"}");
        text.WriteLine($"dimension     {network.Dimension?.ToString(CultureInfo.InvariantCulture) ?? "unknown"}{guessed}");
        text.WriteLine($"classes       {network.Classes?.ToString(CultureInfo.InvariantCulture) ?? "unknown"}{guessed}");
        if (network.Architecture is not null)
            text.WriteLine($"input         {Input(network)}");
        text.WriteLine($"parameters    {network.Parameters} (tensors: {types})");
        foreach (var layer in network.LinearLayers)
            text.WriteLine($"linear        {layer.Name}: {layer.Inputs} to {layer.Outputs}{(layer.Bias ? ", bias" : "")}");
        text.WriteLine($"sha256        {network.Sha256}");
    }

    private static string Input(NetworkDescription network) =>
        (network.InputSize, network.Input) switch
        {
            (_, { } input) => $"{input.Size} × {input.Size}, mean {Numbers(input.Mean)}, standard deviation {Numbers(input.Std)}",
            ({ } size, _) => $"{size} × {size}, normalisation not stated in the file",
            _ => "size and normalisation not stated in the file",
        };

    private static string Numbers(IEnumerable<double> numbers) =>
        string.Join(' ', numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)));
}
