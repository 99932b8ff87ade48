using System.CommandLine;
using Isotope.Cli.Studies;
using Isotope.Cli.Terminal;
using Isotope.Files;

namespace Isotope.Cli.Commands;

/// <summary><c>isotope study</c>: grids of experiments.</summary>
internal static class StudyCommand
{
    private static readonly string[] Examples =
    [
        "isotope study recipes/paper/table-1.json --data study-data --out studies --quick",
        "isotope study recipes/paper/*.json --data study-data --out studies",
        "isotope study recipes/paper/*.json --data study-data --out studies --only seed=1",
    ];

    public static ExampleCommand Create(Session session)
    {
        var recipes = new Argument<string[]>("recipe") { Description = "Recipes (JSON)", Arity = ArgumentArity.OneOrMore };
        var data = new Option<string>("--data") { Description = "Folder that recipes find datasets and networks in", Required = true };
        var output = new Option<string>("--out")
        {
            Description = "Folder for results (one JSON-lines file for each recipe), and for the marks and models, which recipes share",
            Required = true,
        }.OfFolder();
        var quick = new Option<bool>("--quick") { Description = "The recipes' quick form: less of everything, the same direction" };
        var only = new Option<string[]>("--only")
        {
            Description =
                "Run a part of the grid: cells at a value of an axis. Repeatable: at any of the values given for an axis, on every axis "
                + "given",
            HelpName = "AXIS=VALUE",
        };
        var command = new ExampleCommand(
            "study",
            "Run grids of experiments (mark, train, detect, with controls), each cell once; started again it goes on, and several "
                + "processes share the work",
            Examples
        )
        {
            recipes,
            data,
            output,
            quick,
            only,
        };
        command.Resumes = _ => true;
        command.SetAction(parsed =>
        {
            var folder = parsed.GetRequiredValue(output);
            var chosen = parsed
                .GetRequiredValue(recipes)
                .Select(Recipe.Load)
                .Select(recipe => parsed.GetValue(quick) ? recipe.AsQuick() : recipe)
                .ToArray();
            var device = session.Device(parsed);
            var work = Path.Combine(folder, "work");
            Directory.CreateDirectory(work);
            var reports = session.WithProgress(progress =>
            {
                var shop = new Workshop(parsed.GetRequiredValue(data), work, device, new CellProgress(progress), session.Cancellation);
                StudyRun[] studies = [.. chosen.Select(recipe => new StudyRun(recipe, parsed.GetValue(only) ?? [], folder, shop))];
                return studies.Select(study => study.Run()).ToArray();
            });
            session.Write(
                parsed,
                new StudiesReport(RunSettings.Version, reports),
                StudyJson.Default.StudiesReport,
                console => Show(console.Profile.Out.Writer, reports)
            );
            return 0;
        });
        return command;
    }

    private static void Show(TextWriter text, IReadOnlyList<StudyDone> reports)
    {
        foreach (var report in reports)
            text.WriteLine($"{report.Study, -20} {report.Done} of {report.Cells} cells  {report.Results}");
        if (reports.Any(report => report.Done < report.Cells))
            text.WriteLine("Other processes have the missing cells.");
    }
}
