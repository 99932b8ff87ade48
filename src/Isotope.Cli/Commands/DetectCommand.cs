using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Detection;
using Isotope.Statistics;
using Spectre.Console;

namespace Isotope.Cli.Commands;

/// <summary><c>isotope detect</c>: suspect model + key → p-value.</summary>
internal static class DetectCommand
{
    private const string Example =
        "isotope detect white-box --key owner.key --marking-network resnet20:resnet20.th --tested-network suspect.safetensors --images "
        + "cifar/test";
    private const string ForeignExample =
        "isotope detect white-box --key owner.key --marking-network resnet20:resnet20.th --tested-network suspect.pt#classifier.6 "
        + "--tested-size 32 --images cifar/test";

    public static Command Create(Session session) =>
        new("detect", "Test a suspect model, or images, for the mark of a key")
        {
            WhiteBox(session),
            BlackBoxCommand.Create(session),
            ImagesCommand.Create(session),
        };

    private static ExampleCommand WhiteBox(Session session)
    {
        var key = new Option<string>("--key") { Description = "The owner's key", Required = true };
        var marking = new Option<string>("--marking-network")
        {
            Description = "Network the images were marked with: FILE or ARCHITECTURE:FILE",
            Required = true,
        };
        var tested = new Option<string>("--tested-network")
        {
            Description = "Suspect model: FILE or ARCHITECTURE:FILE, also ONNX or TorchScript; FILE#LAYER names TorchScript's classifier",
            Required = true,
        };
        var testedInput = new TestedInput();
        var images = new Option<string>("--images")
        {
            Description = $"Vanilla images to look at the networks with, none of them marked: {Choices.Datasets}",
            Required = true,
        };
        var references = new Option<string[]>("--reference-network")
        {
            Description =
                "A model of your own, trained on the vanilla images; several are averaged (default: the marking network, which suffices "
                + "where only the classifier was retrained)",
        };
        var statistic = Choices.StatisticOption();
        var probes = new Option<int>("--probes")
        {
            Description = "Images moved along random directions for the response, at most 20 times each",
            DefaultValueFactory = _ => FeatureResponse.DefaultProbes,
        };
        var rankSets = new Option<int>("--rank-sets")
        {
            Description = "Fresh random carrier sets that check the p-value's formula on this very model",
            DefaultValueFactory = _ => RankCheck.DefaultSets,
        };
        var manifest = new Option<string?>("--manifest")
        {
            Description = "What was marked, to refuse marked images (default: the one beside --images or above)",
        };
        var recording = new Recording(withPower: true);
        var command = new ExampleCommand(
            "white-box",
            "Test a model whose weights are at hand: does it lean towards the carriers more than chance allows?",
            Example,
            ForeignExample
        )
        {
            key,
            marking,
            tested,
            references,
            statistic,
            probes,
            images,
            rankSets,
            manifest,
        };
        testedInput.AddTo(command);
        session.Passphrase.AddTo(command);
        recording.AddTo(command);
        command.SetAction(parsed =>
        {
            var device = session.Device(parsed);
            var job = new WhiteBoxJob(
                session.Passphrase.Key(parsed, parsed.GetRequiredValue(key)),
                parsed.GetRequiredValue(marking),
                parsed.GetRequiredValue(tested),
                testedInput.Of(parsed),
                parsed.GetValue(references) ?? [],
                Choices.FindStatistic(parsed.GetValue(statistic)),
                parsed.GetValue(probes),
                parsed.GetValue(rankSets),
                parsed.GetRequiredValue(images),
                parsed.GetValue(manifest)
            );
            var result = recording.Run(
                session,
                parsed,
                job.Key,
                progress => job.Run(device, progress, session.Cancellation),
                Show,
                result => result.RankCheck!
            );
            if (result.Alignment.LeftOut > 0)
                session.Advise($"--images: {result.Alignment.LeftOut} left out, since they look like marked images");
            if (!result.Alignment.ManifestChecked)
                session.Advise("no manifest of this key was found or given (--manifest): make sure that none of the images is marked");
            return 0;
        });
        return command;
    }

    private static void Show(IAnsiConsole console, DetectionResult result)
    {
        var table = ClassTable(result.Classes);
        AddTotal(table, result.Statistic, result.Combination, result.PValue);
        AddOthers(table, result.Others);
        console.Write(table);
        console.WriteLine(
            $"Alignment on {result.Alignment.Images} vanilla images explains {100 * result.Alignment.RSquared:F1} % of the tested "
                + $"features' variance on images kept out of the fit (ridge {result.Alignment.Ridge:G2})."
        );
        console.WriteLine(Recording.Describe(result.RankCheck!));
    }

    /// <summary>A table with a row per class.</summary>
    public static Table ClassTable(IEnumerable<ClassResult> classes)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("class", "cosine", "p-value", "log₁₀ p");
        foreach (var column in table.Columns.Skip(1))
            column.RightAligned();
        foreach (var c in classes)
            table.AddRow(Session.Cell(c.Label), $"{c.Cosine:F4}", c.PValue.ToString(), $"{c.PValue.Log10:F2}");
        return table;
    }

    /// <summary>Adds the row of the p-value that counts.</summary>
    public static void AddTotal(Table table, string statistic, string combination, PValue pValue) =>
        table.AddRow($"[bold]all ({statistic}, {combination})[/]", "", $"[bold]{pValue}[/]", $"[bold]{pValue.Log10:F2}[/]");

    /// <summary>Adds rows of p-values that do not count.</summary>
    public static void AddOthers(Table table, IEnumerable<SideResult> others)
    {
        foreach (var other in others)
            table.AddRow(
                $"[dim]for information: {other.Statistic}, {other.Combination}[/]",
                "",
                $"[dim]{other.PValue}[/]",
                $"[dim]{other.PValue.Log10:F2}[/]"
            );
    }
}
