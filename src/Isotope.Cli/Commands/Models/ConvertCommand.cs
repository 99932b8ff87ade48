using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Files;
using Isotope.Networks.Checkpoints;

namespace Isotope.Cli.Commands.Models;

/// <summary>What <c>network convert</c> wrote.</summary>
internal sealed record ConvertReport(string Isotope, int Tensors, string Out, string Sha256);

/// <summary><c>isotope network convert</c>.</summary>
internal sealed class ConvertCommand : IsotopeCommand
{
    private readonly Argument<string> source = new("in")
    {
        Description = "Checkpoint: safetensors, or PyTorch's .pth, .pt or .th; nothing in it is run",
    };
    private readonly Argument<string> target = new("out")
    {
        Description = "New file; its extension says the format: .safetensors, or .pth, .pt or .th for PyTorch",
    };

    public ConvertCommand(Session session)
        : base(
            session,
            "convert",
            "Write weights in another format: the state dict alone, element types as they are, metadata in safetensors only",
            "isotope network convert suspect.pth suspect.safetensors"
        )
    {
        Add(source);
        Add(target);
    }

    protected override int Run(ParseResult parsed)
    {
        var from = parsed.GetRequiredValue(source);
        var to = parsed.GetRequiredValue(target);
        using var weights = Checkpoint.Load(from);
        Checkpoint.Save(weights, to);
        var report = new ConvertReport(RunSettings.Version, weights.Count, to, Hashes.OfFile(to));
        Session.Write(parsed, report, ReportJson.Default.ConvertReport, [$"converted     {report.Tensors} tensors to {to}"]);
        if (weights.Metadata.Count > 0 && !Checkpoint.IsSafetensors(to))
            Session.Advise($"{to} has no place for the metadata of {from}, such as an architecture or normalisation");
        return 0;
    }
}
