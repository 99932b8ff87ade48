using System.CommandLine;
using Isotope.Carriers;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Networks;
using Spectre.Console;

namespace Isotope.Cli.Commands;

/// <summary><c>isotope detect</c>: suspect model + key → p-value.</summary>
internal static class DetectCommand
{
    private const string Example =
        "isotope detect white-box --key owner.key --marking-network resnet20:resnet20.th --tested-network suspect.safetensors --images cifar/test";
    private const string ForeignExample =
        "isotope detect white-box --key owner.key --marking-network resnet20:resnet20.th --tested-network suspect.pt#classifier.6 --tested-size 32 --images cifar/test";

    public static Command Create(Session session) => new("detect", "Test a suspect model for the mark of a key") 
    {
        WhiteBox(session), BlackBoxCommand.Create(session),
    };

    private static ExampleCommand WhiteBox(Session session)
    {
        var key = new Option<string>("--key") { Description = "The owner's key", Required = true };
        var marking = new Option<string>("--marking-network") { Description = "Network the images were marked with: FILE or ARCHITECTURE:FILE", Required = true };
        var tested = new Option<string>("--tested-network") { Description = "Suspect model: FILE or ARCHITECTURE:FILE, also ONNX or TorchScript; FILE#LAYER names TorchScript's classifier", Required = true };
        var testedInput = new TestedInput();
        var images = new Option<string>("--images") { Description = "Vanilla images to align the two networks on: class folders, at least as many images as dimensions", Required = true };
        var reference = new Option<string?>("--reference-network") { Description = "A model of your own, trained on the vanilla images; with it the response statistic counts, which also finds marks in models trained from scratch" };
        var statistic = new Option<string?>("--statistic") { Description = "The statistic that counts; fix it before you look (default: response with --reference-network, else paper)" };
        statistic.AcceptOnlyFromAmong("paper", "response");
        var manifest = new Option<string?>("--manifest") { Description = "What was marked, to refuse marked images (default: the one beside --images or above)" };
        var command = new ExampleCommand(
            "white-box", "Test a model whose weights are at hand: are its classifier's rows closer to the carriers than chance allows?", Example, ForeignExample)
        { key, marking, tested, reference, statistic, images, manifest };
        testedInput.AddTo(command);
        command.SetAction(parsed =>
        {
            var device = session.Device(parsed);
            var referenceFile = ReferenceFor(parsed.GetValue(statistic), parsed.GetValue(reference));
            var overrides = testedInput.Of(parsed);
            var carriers = KeyFile.Load(parsed.GetRequiredValue(key));
            var dataset = ImageFolder.Open(parsed.GetRequiredValue(images));
            var marked = OpenManifest(parsed.GetValue(manifest), dataset.Root, carriers);
            using var markingNetwork = Network.Load(parsed.GetRequiredValue(marking), device);
            using var testedNetwork = Network.Load(parsed.GetRequiredValue(tested), device, overrides);
            using var referenceNetwork = referenceFile is null ? null : Network.Load(referenceFile, device);
            var result = session.WithProgress(progress => WhiteBoxTest.Run(
                carriers, markingNetwork, testedNetwork, dataset, referenceNetwork, marked, progress, session.Cancellation));
            session.Write(
                parsed,
                DetectReport.Of(result, carriers, markingNetwork, testedNetwork, referenceNetwork, dataset),
                ReportJson.Default.DetectReport,
                console => Show(console, result));
            if (marked is null) session.Advise("no manifest of this key was found or given: make sure that none of the images is marked");
            if (KeyCommand.Caution(carriers.Origin) is { Length: > 0 } caution) session.Advise($"key of origin {carriers.Origin}{caution}");
            return 0;
        });
        return command;
    }

    /// <summary>The manifest that was given; else the nearest one, if it is this key's.</summary>
    private static Manifest? OpenManifest(string? given, string images, CarrierKey key)
    {
        if (given is not null) return Manifest.Load(given);
        var near = Manifest.FindFor(images) is { } path ? Manifest.Load(path) : null;
        return near is not null && near.IsOfKey(key.Commitment) ? near : null;
    }

    /// <summary>The reference to use; none for the paper's statistic.</summary>
    private static string? ReferenceFor(string? statistic, string? reference) => (statistic, reference) switch
    {
        ("paper", _) => null,
        ("response", null) => throw new IsotopeException("--statistic response: expected --reference-network, a model of your own trained on vanilla images, found none"),
        _ => reference,
    };

    private static void Show(IAnsiConsole console, DetectionResult result)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("class", "cosine", "p-value", "log₁₀ p");
        foreach (var column in table.Columns.Skip(1)) column.RightAligned();
        foreach (var c in result.Classes)
            table.AddRow(Markup.Escape(c.Label), Text($"{c.Cosine:F4}"), c.PValue.ToString(), Text($"{c.PValue.Log10:F2}"));
        table.AddRow($"[bold]all ({result.Statistic}, {result.Combination})[/]", "", $"[bold]{result.PValue}[/]", Text($"[bold]{result.PValue.Log10:F2}[/]"));
        foreach (var other in result.Others)
            table.AddRow($"[dim]for information: {other.Statistic}, {other.Combination}[/]", "", $"[dim]{other.PValue}[/]", Text($"[dim]{other.PValue.Log10:F2}[/]"));
        console.Write(table);
        console.WriteLine(Text($"Alignment on {result.Alignment.Images} vanilla images explains {100 * result.Alignment.RSquared:F1} % of the tested features' variance."));
        console.WriteLine(result.Verdict);
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
