using System.CommandLine;
using Isotope.Cli.Commands.Detection;
using Isotope.Cli.Terminal;
using Isotope.Files;
using Isotope.Networks.BlackBoxes.Predictions;

namespace Isotope.Cli.Commands.Models;

/// <summary><c>isotope query</c>: images + a model → a file of predictions.</summary>
internal sealed class QueryCommand : IsotopeCommand
{
    private static readonly string[] CommandLines =
    [
        "isotope query --data marked.queries --endpoint http://localhost:8080/predict --out said.csv",
        "isotope query --data cifar/train --endpoint https://models.example.org --model suspect --header-env SUSPECT_AUTH --rate-limit "
            + "2 --query-budget 50000 --out said.parquet",
    ];

    private readonly DataOption data = new($"Images: {DataOption.Formats}");
    private readonly AskedModelOptionGroup model = new(withClasses: true);
    private readonly QueryBudgetOption budget = new();
    private readonly Option<string> output = new Option<string>("--out")
    {
        Description = "File of predictions to write: CSV, or Parquet if its name ends in .parquet; --predictions reads it",
        Required = true,
    }.OfNewFile(".csv", ".parquet");

    public QueryCommand(Session session)
        : base(
            session,
            "query",
            "Ask a model about a dataset, once, and keep what it says; interrupted, the same command goes on",
            CommandLines
        )
    {
        Add(data);
        data.Reading.AddTo(this);
        model.AddTo(this);
        AddOptions(budget, output);
        Resumes = model.IsEndpoint;
    }

    protected override int Run(ParseResult parsed)
    {
        model.Validate(parsed, budget);
        var path = parsed.GetRequiredValue(output);
        var dataset = data.Open(parsed);
        var (opened, _, source, _) = model
            .Read(parsed, path)
            .Open(dataset.ClassNames.Count, Session.Environment(parsed), parsed.GetValue(budget));
        using var asked = opened;
        var answers = Session.WithProgress(progress => asked.Ask(dataset.Images, progress, Session.Cancellation));
        PredictionWriter.Write(path, asked.Gives, dataset.Images, answers);
        var report = new QueryReport(RunSettings.Version, source, asked.Gives, answers.Count, asked.Queries, path, Hashes.OfFile(path));
        Session.Write(parsed, report, ReportJson.Default.QueryReport, report.Lines());
        return 0;
    }
}
