using System.CommandLine;
using Isotope.Cli.Commands.Detection;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Files;
using Isotope.Networks.BlackBoxes.Predictions;

namespace Isotope.Cli.Commands;

/// <summary><c>isotope query</c>: images + a model → a file of predictions.</summary>
internal static class QueryCommand
{
    private static readonly string[] Examples =
    [
        "isotope query --data marked.queries --endpoint http://localhost:8080/predict --out said.csv",
        "isotope query --data cifar/train --endpoint https://models.example.org --model suspect --header-env SUSPECT_AUTH --rate-limit "
            + "2 --query-budget 50000 --out said.parquet",
    ];

    public static ExampleCommand Create(Session session)
    {
        var data = new Option<string>("--data") { Description = $"Images: {Choices.Datasets}", Required = true };
        var output = new Option<string>("--out")
        {
            Description = "File of predictions to write: CSV, or Parquet if its name ends in .parquet; --predictions reads it",
            Required = true,
        }.OfNewFile(".csv", ".parquet");
        var budget = new Option<long?>("--query-budget") { Description = "Most images to ask an endpoint about, in all runs" };
        var model = new TestedModel();
        var command = new ExampleCommand(
            "query",
            "Ask a model about a dataset, once, and keep what it says; interrupted, the same command goes on",
            Examples
        )
        {
            data,
        };
        model.AddTo(command);
        command.Add(budget);
        command.Add(output);
        command.Resumes = model.IsEndpoint;
        command.SetAction(parsed =>
        {
            model.Validate(parsed, budget);
            var path = parsed.GetRequiredValue(output);
            var dataset = Dataset.Open(parsed.GetRequiredValue(data));
            var (opened, _, source, _) = model
                .Of(parsed, path)
                .Open(dataset.ClassNames.Count, session.Environment(parsed), parsed.GetValue(budget));
            using var asked = opened;
            var answers = session.WithProgress(progress => asked.Ask(dataset.Images, progress, session.Cancellation));
            PredictionWriter.Write(path, asked.Gives, dataset.Images, answers);
            Write(
                session,
                parsed,
                new QueryReport(RunSettings.Version, source, asked.Gives, answers.Count, asked.Queries, path, Hashes.OfFile(path))
            );
            return 0;
        });
        return command;
    }

    private static void Write(Session session, ParseResult parsed, QueryReport report) =>
        session.Write(
            parsed,
            report,
            ReportJson.Default.QueryReport,
            console =>
            {
                var text = console.Profile.Out.Writer;
                text.WriteLine($"asked       {report.Model}: {report.Queries} queries in this run");
                text.WriteLine($"answers     {report.Images} ({report.Gives})");
                text.WriteLine($"file        {report.Out}");
            }
        );
}
