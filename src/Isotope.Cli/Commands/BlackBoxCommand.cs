using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Detection.BlackBoxes;
using Isotope.Evidence;
using Spectre.Console;

namespace Isotope.Cli.Commands;

/// <summary><c>isotope detect black-box</c>: outputs of a suspect model + key → p-value.</summary>
internal static class BlackBoxCommand
{
    private static readonly string[] Examples =
    [
        "isotope detect black-box --key owner.key --queries marked.queries --tested-network suspect.safetensors",
        "isotope detect black-box --key owner.key --queries marked.queries --tested-network suspect.onnx --access label --sequential "
            + "0.001 --query-budget 5000",
        "isotope detect black-box --key owner.key --queries marked.queries --endpoint https://models.example.org --model suspect "
            + "--header-env SUSPECT_AUTH",
    ];

    public static ExampleCommand Create(Session session)
    {
        var key = new Option<string>("--key") { Description = "The owner's key", Required = true };
        var queries = new Option<string>($"--{TestInput.QueryImages}")
        {
            Description =
                "Folder of query images that mark --counterfactuals, mark --twins or counterfactuals made; its index lies beside it",
            Required = true,
        };
        var tested = new TestedModel();
        var reference = new Option<string?>($"--{TestInput.ReferenceNetwork}")
        {
            Description =
                "A model of your own, trained on the vanilla images: its scores are taken off, which cancels what any model makes of a "
                + "mark",
        };
        var budget = new Option<long?>("--query-budget")
        {
            Description = "Most images the suspect is asked about: fewer of each class, or fewer twins (default: all)",
        };
        var sequential = new Option<double?>("--sequential")
        {
            Description =
                "Stop as soon as the mark is found at this level; the p-value stays valid whenever it stops, but is larger than that of "
                + "all queries",
            HelpName = "ALPHA",
        };
        var lossGap = new Option<bool>("--loss-gap")
        {
            Description = "Also ask about the vanilla images, for the paper's loss gap: an effect size without p-value",
        };
        var recording = new Recording();
        var command = new ExampleCommand(
            "black-box",
            "Test a model by its outputs alone: does it favour the published marks over those that other keys would have made?",
            Examples
        )
        {
            key,
            queries,
        };
        tested.AddTo(command);
        foreach (var option in new Option[] { reference, budget, sequential, lossGap })
            command.Add(option);
        session.Passphrase.AddTo(command);
        recording.AddTo(command);
        command.Resumes = tested.IsEndpoint;
        command.SetAction(parsed =>
        {
            var device = session.Device(parsed);
            var options = new BlackBoxOptions
            {
                QueryBudget = parsed.GetValue(budget),
                SequentialLevel = parsed.GetValue(sequential),
                WithVanilla = parsed.GetValue(lossGap),
            };
            options.Validate();
            tested.Validate(parsed);
            var job = new BlackBoxJob(
                session.Passphrase.Key(parsed, parsed.GetRequiredValue(key)),
                parsed.GetRequiredValue(queries),
                parsed.GetValue(reference),
                tested.InputOf(parsed),
                tested.NetworkOf(parsed),
                options
            );
            OpenedModel Open(int classes) => tested.Open(parsed, classes, device, job.Queries, options.QueryBudget, session.Cancellation);
            recording.Run(session, parsed, job.Key, progress => job.Run(Open, device, progress, session.Cancellation), Show, _ => null);
            return 0;
        });
        return command;
    }

    private static void Show(IAnsiConsole console, BlackBoxResult result)
    {
        var table = new Table()
            .Border(TableBorder.Simple)
            .AddColumns("class", result.Unit == MarkUnit.Class ? "rank" : "twins (tied)", "score", "others' score", "p-value", "log₁₀ p");
        foreach (var column in table.Columns.Skip(1))
            column.RightAligned();
        foreach (var c in result.Classes)
            table.AddRow(
                Session.Cell(c.Label),
                RankOf(c, result),
                $"{c.Published:F3}",
                $"{c.Others:F3}",
                c.PValue.ToString(),
                $"{c.PValue.Log10:F2}"
            );
        table.AddRow(
            $"[bold]all ({(result.Sequential is null ? "ranks" : "sequential")})[/]",
            "",
            "",
            "",
            $"[bold]{result.PValue}[/]",
            $"[bold]{result.PValue.Log10:F2}[/]"
        );
        console.Write(table);
        var budget = result.QueryBudget is { } most ? $" of at most {most}" : "";
        console.WriteLine(
            $"{result.Queries} queries{budget}: {result.Units.Count} of {result.UnitsPlanned} "
                + $"{(result.Unit == MarkUnit.Class ? "classes" : "twins")}, {result.Versions} versions each."
        );
        if (result.Sequential is { } sequential)
            console.WriteLine(
                $"Sequential test at level {sequential.Level}: "
                    + $"{(sequential.Rejected ? "stopped, reached by this test alone" : "not reached within these queries")}."
            );
        if (result.LossGap is { } gap)
            console.WriteLine(
                $"Loss gap, vanilla minus marked: {gap.Mean:F4} (95 % of bootstrap resamples {gap.Low:F4} … {gap.High:F4}, "
                    + $"{gap.Images} images); no p-value: unmarked models have one too."
            );
    }

    private static string RankOf(ClassRanks ranks, BlackBoxResult result) =>
        result.Unit == MarkUnit.Image ? $"{ranks.Units} ({ranks.Tied})"
        : ranks.MeanRank is { } rank ? $"{rank:F0} of {result.Versions}"
        : "tied";
}
