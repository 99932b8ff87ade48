using System.CommandLine;
using Isotope.Cli.Studies;
using Isotope.Cli.Terminal;
using Isotope.Files;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Cli.Commands.Results;

/// <summary><c>isotope study</c>: grids of experiments.</summary>
internal sealed class StudyCommand : IsotopeCommand
{
    private static readonly string[] CommandLines =
    [
        "isotope study recipes/paper/table-1.json --data study-data --out studies --quick",
        "isotope study recipes/paper/*.json --data study-data --out studies",
        "isotope study recipes/paper/*.json --data study-data --out studies --only seed=1",
    ];

    private readonly Argument<string[]> recipes = new("recipe") { Description = "Recipes (JSON)", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string> data = new("--data")
    {
        Description = "Folder that recipes find datasets and networks in",
        Required = true,
    };
    private readonly Option<string> output = new Option<string>("--out")
    {
        Description = "Folder for results (one JSON-lines file for each recipe), and for the marks and models, which recipes share",
        Required = true,
    }.OfFolder();
    private readonly Option<bool> quick = new("--quick")
    {
        Description = "The recipes' quick form: less of everything, the same direction",
    };
    private readonly Option<string[]> only = new("--only")
    {
        Description =
            "Run a part of the grid: cells at a value of an axis. Repeatable: at any of the values given for an axis, on every axis "
            + "given",
        HelpName = "AXIS=VALUE",
    };

    public StudyCommand(Session session)
        : base(
            session,
            "study",
            "Run grids of experiments (mark, train, detect, with controls), each cell once; started again it goes on, and several "
                + "processes share the work",
            CommandLines
        )
    {
        Add(recipes);
        AddOptions(data, output, quick, only);
        Resumes = _ => true;
    }

    protected override int Run(ParseResult parsed)
    {
        var chosen = LoadRecipes(parsed);
        var device = Session.Device(parsed);
        var studies = Session.WithProgress(progress => RunStudies(parsed, chosen, device, progress));
        Session.Write(parsed, new StudiesReport(RunSettings.Version, studies), StudyJson.Default.StudiesReport, Lines(studies));
        return 0;
    }

    private Recipe[] LoadRecipes(ParseResult parsed)
    {
        var loaded = parsed.GetRequiredValue(recipes).Select(Recipe.Load);
        return [.. parsed.GetValue(quick) ? loaded.Select(recipe => recipe.AsQuick()) : loaded];
    }

    private StudyDone[] RunStudies(ParseResult parsed, Recipe[] chosen, Device device, IProgress<StageProgress> progress)
    {
        var folder = parsed.GetRequiredValue(output);
        var work = Path.Combine(folder, "work");
        Directory.CreateDirectory(work);
        var workshop = new Workshop(parsed.GetRequiredValue(data), work, device, new CellProgress(progress), Session.Cancellation);
        StudyRun[] studies = [.. chosen.Select(recipe => new StudyRun(recipe, parsed.GetValue(only) ?? [], folder, workshop))];
        return [.. studies.Select(study => study.Run())];
    }

    private static IEnumerable<string> Lines(StudyDone[] studies)
    {
        foreach (var study in studies)
            yield return $"{study.Study, -20} {study.Done} of {study.Cells} cells  {study.Results}";
        if (studies.Any(study => study.Done < study.Cells))
            yield return "Other processes have the missing cells.";
    }
}
