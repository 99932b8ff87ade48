using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Files;
using Isotope.Networks;
using Isotope.Networks.Checkpoints;

namespace Isotope.Cli.Commands.Models;

/// <summary>What <c>network convert</c> wrote.</summary>
internal sealed record ConvertReport(string Isotope, int Tensors, string Out, string Sha256);

/// <summary><c>isotope network convert</c>.</summary>
internal sealed class ConvertCommand : IsotopeCommand
{
    private readonly Argument<string> source = new("in")
    {
        Description = "Checkpoint: safetensors, or PyTorch's .pth, .pt or .th; FILE#KEY chooses among several; nothing in it is run",
    };
    private readonly NetworkInputOption input = NetworkInputOption.OfNetwork();
    private readonly Argument<string> target = new("out")
    {
        Description = "New file; its extension says the format: .safetensors, or .pth, .pt or .th for PyTorch",
    };

    public ConvertCommand(Session session)
        : base(
            session,
            "convert",
            "Write weights in another format: the state dict alone, element types as they are, metadata in safetensors only",
            "isotope network convert suspect.pth suspect.safetensors",
            "isotope network convert suspect.pth#ema suspect.safetensors --input size=32 norm=cifar10"
        )
    {
        Add(source);
        Add(target);
        Add(input);
    }

    protected override int Run(ParseResult parsed)
    {
        var from = NetworkReference.Parse(parsed.GetRequiredValue(source));
        var to = parsed.GetRequiredValue(target);
        using var weights = Checkpoint.Load(from.Path, from.Layer);
        if (weights.NotRead is [var (name, kind), ..])
            throw new IsotopeException(
                $"{from}: expected tensors of numbers alone, found {name} stored as {kind}; save the model in float"
            );
        if (input.Read(parsed) is { } takes)
            State(weights, from, takes, to);
        else
            Checkpoint.Save(weights, to);
        if (weights.OtherPlaces.Count > 0)
            Session.Advise(
                $"{from.Path}: taken from #{weights.Place}; left out, though there are tensors: {string.Join(", ", weights.OtherPlaces)}"
            );
        var report = new ConvertReport(RunSettings.Version, weights.Count, to, Hashes.OfFile(to));
        Session.Write(parsed, report, ReportJson.Default.ConvertReport, [$"converted     {report.Tensors} tensors to {to}"]);
        if (weights.Metadata.Count > 0 && !Checkpoint.IsSafetensors(to))
            Session.Advise($"{to} has no place for the metadata of {from}, such as an architecture or normalisation");
        return 0;
    }

    /// <summary>Writes the network with its architecture and input, so that they are told once.</summary>
    private static void State(StateDict weights, NetworkReference from, InputOverride takes, string to)
    {
        if (!Checkpoint.IsSafetensors(to))
            throw new IsotopeException($"--input: expected a .safetensors file, which has a place for it, found {to}");
        AtomicFile.RequireNew(to, "weights are never overwritten");
        using var network = TorchNetwork.Of(weights, from, Hashes.OfFile(from.Path), overrides: takes);
        network.Save(to);
    }
}
