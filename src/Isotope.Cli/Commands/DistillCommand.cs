using System.CommandLine;
using System.Text.Json.Nodes;
using Isotope.Cli.Commands.Detection;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Runs;
using Isotope.Training;

namespace Isotope.Cli.Commands;

/// <summary><c>isotope distill</c>: outputs of a black box → a student, whose weights the white-box test takes.</summary>
internal static class DistillCommand
{
    private static readonly string[] Examples =
    [
        "isotope distill --data cifar/train --predictions said.csv --arch resnet20 --out student.safetensors",
        "isotope distill --data cifar/train --endpoint https://models.example.org --model suspect --header-env SUSPECT_AUTH --arch "
            + "resnet20 --temperature 4 --out student.safetensors",
        "isotope distill --data cifar/train --tested-network suspect.onnx --init resnet20:resnet20.th --freeze-features --augment "
            + "centre --out student.safetensors",
    ];

    public static ExampleCommand Create(Session session)
    {
        var training = new TrainingArguments();
        var teacher = new TestedModel();
        var labels = Choices.LabelsOption();
        var temperature = new Option<double>("--temperature")
        {
            Description = "Temperature of soft labels: above 1, small probabilities count for more",
            DefaultValueFactory = _ => 1,
        };
        var budget = new Option<long?>("--query-budget") { Description = "Most images to ask an endpoint about, in all runs" };
        var command = new ExampleCommand(
            "distill",
            "Train a student on what a suspect model says of images, for a white-box test of the student; each image is asked about "
                + "once, as it is",
            Examples
        );
        teacher.AddTo(command);
        foreach (var option in new Option[] { labels, temperature, budget })
            command.Add(option);
        training.AddTo(command);
        command.Resumes = _ => true;
        command.SetAction(parsed =>
        {
            teacher.Validate(parsed, budget);
            Lesson.Validate(Choices.FindLabels(parsed.GetValue(labels)) ?? LabelKind.Soft, parsed.GetValue(temperature));
            var (job, output, device) = (training.Job(parsed), training.Output(parsed), session.Device(parsed));
            if ((Manifest.FindFor(job.Dataset.Root) ?? QuerySet.FindFor(job.Dataset.Root)) is { } index)
                session.Advise(
                    $"--data: {index} says that images of these are marked: their student carries the mark whatever its teacher has "
                        + "seen, and its test tells nothing; distil on vanilla images"
                );
            var (model, _, source, _) = teacher
                .Of(parsed, output)
                .Open(job.Dataset.ClassNames.Count, session.Environment(parsed), parsed.GetValue(budget));
            using var asked = model;
            var report = session.WithProgress(progress =>
            {
                var lesson = Lesson.Take(asked, job.Dataset, progress, session.Cancellation);
                var kind = Choices.FindLabels(parsed.GetValue(labels)) ?? lesson.BestLabels;
                job = job with
                {
                    Targets = lesson.Targets(kind, parsed.GetValue(temperature)),
                    Teacher = Settings(lesson, kind, parsed.GetValue(temperature)),
                };
                var trained = job.Run(output, device, progress, session.Cancellation);
                return new DistillReport(
                    trained,
                    source,
                    asked.Queries,
                    kind,
                    Agreement(lesson, output, device, progress, session.Cancellation)
                );
            });
            Write(session, parsed, report);
            return 0;
        });
        return command;
    }

    private static JsonObject Settings(Lesson lesson, LabelKind kind, double temperature) =>
        new()
        {
            ["answersSha256"] = lesson.Sha256(),
            ["labels"] = kind.ToString(),
            ["temperature"] = temperature,
        };

    private static double Agreement(
        Lesson lesson,
        string student,
        TorchSharp.torch.Device device,
        IProgress<StageProgress> progress,
        CancellationToken cancellation
    )
    {
        using var network = Networks.Network.Load(student, device);
        return Evaluation.Accuracy(network, lesson.Relabelled(), progress, cancellation);
    }

    private static void Write(Session session, ParseResult parsed, DistillReport report) =>
        session.Write(
            parsed,
            report,
            ReportJson.Default.DistillReport,
            console =>
            {
                var text = console.Profile.Out.Writer;
                text.WriteLine($"distilled   {report.Student.Architecture} from {report.Teacher} on {report.Student.Images} images");
                text.WriteLine($"epochs      {report.Student.Epochs}");
                text.WriteLine($"queries     {report.Queries} in this run");
                text.WriteLine(
                    $"agreement   {100 * report.Agreement:F1} % of the teacher's first labels on these images ({report.Labels} labels)"
                );
                if (report.Student.Accuracy is { } accuracy)
                    text.WriteLine($"accuracy    {100 * accuracy:F1} % on the test images");
                text.WriteLine($"checkpoint  {report.Student.Out}");
            }
        );
}
