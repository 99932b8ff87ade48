using System.CommandLine;
using Isotope.Cli.Commands.Models;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Detection.BlackBoxes;
using Isotope.Evidence;
using Isotope.Statistics;
using Spectre.Console;

namespace Isotope.Cli.Commands.Detection;

/// <summary><c>isotope detect black-box</c>: outputs of a suspect model + key → p-value.</summary>
internal sealed class BlackBoxCommand : IsotopeCommand
{
    private static readonly string[] CommandLines =
    [
        "isotope detect black-box --key owner.key --queries marked.queries --tested-network suspect.safetensors",
        "isotope detect black-box --key owner.key --queries marked.queries --tested-network suspect.onnx --access label --sequential "
            + "0.001 --query-budget 5000",
        "isotope detect black-box --key owner.key --queries marked.queries --endpoint https://models.example.org --model suspect "
            + "--header-env SUSPECT_AUTH",
    ];

    private readonly KeyOption key = new();
    private readonly Option<string> queries = new($"--{TestInput.QueryImages}")
    {
        Description = "Folder of query images that mark --counterfactuals, mark --twins or counterfactuals made; its index lies beside it",
        Required = true,
    };
    private readonly AskedModelOptionGroup tested = new(withClasses: true);
    private readonly Option<string?> reference = new($"--{TestInput.ReferenceNetwork}")
    {
        Description =
            "A model of your own, trained on the vanilla images: its scores are taken off, which cancels what any model makes of a "
            + "mark",
    };
    private readonly NetworkInputOption referenceInput = NetworkInputOption.OfReferences();
    private readonly Option<long?> budget = new("--query-budget")
    {
        Description = "Most images the suspect is asked about: fewer of each class, or fewer twins (default: all)",
    };
    private readonly Option<double?> sequential = new("--sequential")
    {
        Description =
            "Stop as soon as the mark is found at this level; the p-value stays valid whenever it stops, but is larger than that of "
            + "all queries",
        HelpName = "ALPHA",
    };
    private readonly Option<bool> lossGap = new("--loss-gap")
    {
        Description = "Also ask about the vanilla images, for the paper's loss gap: an effect size without p-value",
    };
    private readonly RecordingOptionGroup recording = new(withNetworks: true);

    public BlackBoxCommand(Session session)
        : base(
            session,
            TestKinds.BlackBox,
            "Test a model by its outputs alone: does it favour the published marks over those that other keys would have made?",
            CommandLines
        )
    {
        Add(key);
        Add(queries);
        tested.AddTo(this);
        AddOptions(reference, referenceInput, budget, sequential, lossGap);
        session.Passphrase.AddTo(this);
        recording.AddTo(this);
        Resumes = tested.IsEndpoint;
    }

    protected override int Run(ParseResult parsed)
    {
        recording.Run(Session, parsed, TestOf(parsed), Show);
        return 0;
    }

    private BlackBoxDescription TestOf(ParseResult parsed)
    {
        tested.Validate(parsed);
        var folder = parsed.GetRequiredValue(queries);
        return new BlackBoxDescription
        {
            Key = key.Read(Session, parsed),
            Queries = folder,
            Suspect = tested.Read(parsed, folder),
            Reference = parsed.GetValue(reference) is { } file ? referenceInput.Of(file, parsed) : null,
            Options = new BlackBoxOptions
            {
                QueryBudget = parsed.GetValue(budget),
                SequentialLevel = parsed.GetValue(sequential),
                WithVanilla = parsed.GetValue(lossGap),
            },
        };
    }

    private static void Show(IAnsiConsole console, TestResult result)
    {
        var details = BlackBoxDetails.Of(result.Details);
        console.Write(TableOf(result, details));
        foreach (var reading in details.Readings ?? [])
            console.WriteLine($"{reading}");
        var budget = BlackBoxDescription.BudgetOf(result) is { } most ? $" of at most {most}" : "";
        var units = details.Unit == MarkUnit.Class ? "classes" : "twins";
        console.WriteLine(
            $"{details.Queries} queries{budget}: {details.Units.Count} of {details.UnitsPlanned} {units}, {details.Versions} versions each."
        );
        if (details.Sequential is { } sequential)
        {
            var outcome = sequential.Rejected ? "stopped, reached by this test alone" : "not reached within these queries";
            console.WriteLine($"Sequential test at level {sequential.Level}: {outcome}.");
        }

        if (details.LossGap is { } gap)
            console.WriteLine(
                $"Loss gap, vanilla minus marked: {gap.Mean:F4} (95 % of bootstrap resamples {gap.Low:F4} … {gap.High:F4}, "
                    + $"{gap.Images} images); no p-value: unmarked models have one too."
            );
    }

    private static Table TableOf(TestResult result, BlackBoxDetails details)
    {
        var ranks = details.Unit == MarkUnit.Class ? "rank" : "twins (tied)";
        var table = new Table().Border(TableBorder.Simple).AddColumns("class", ranks, "score", "others' score", "p-value", "log₁₀ p");
        foreach (var column in table.Columns.Skip(1))
            column.RightAligned();
        foreach (var c in details.Classes)
            table.AddRow(
                Session.Cell(c.Label),
                RankOf(c, details),
                $"{c.Published:F3}",
                $"{c.Others:F3}",
                c.PValue.ToString(),
                $"{c.PValue.Log10:F2}"
            );
        var p = new PValue(result.Log10P);
        table.AddRow($"[bold]all ({result.Combination})[/]", "", "", "", $"[bold]{p}[/]", $"[bold]{p.Log10:F2}[/]");
        return table;
    }

    private static string RankOf(ClassRanks ranks, BlackBoxDetails details)
    {
        if (details.Unit == MarkUnit.Image)
            return $"{ranks.Units} ({ranks.Tied})";
        return ranks.MeanRank is { } rank ? $"{rank:F0} of {details.Versions}" : "tied";
    }
}
