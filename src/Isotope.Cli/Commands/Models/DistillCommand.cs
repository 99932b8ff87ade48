using System.CommandLine;
using System.Text.Json.Nodes;
using Isotope.Cli.Commands.Detection;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Networks.BlackBoxes;
using Isotope.Runs;
using Isotope.Training;
using static TorchSharp.torch;

namespace Isotope.Cli.Commands.Models;

/// <summary><c>isotope distill</c>: outputs of a black box → a student, whose weights the white-box test takes.</summary>
internal sealed class DistillCommand : IsotopeCommand
{
    private static readonly string[] CommandLines =
    [
        "isotope distill --data cifar/train --predictions said.csv --arch resnet20 --out student.safetensors",
        "isotope distill --data cifar/train --endpoint https://models.example.org --model suspect --header-env SUSPECT_AUTH --arch "
            + "resnet20 --temperature 4 --out student.safetensors",
        "isotope distill --data cifar/train --tested-network suspect.onnx --init resnet20:resnet20.th --freeze-features --augment "
            + "centre --out student.safetensors",
    ];

    private readonly AskedModelOptionGroup teacher = new();
    private readonly ChoiceOption<LabelKind> labels = new(
        "--labels",
        "What the student learns: the suspect's probabilities, or its first labels (default: soft if it tells probabilities)",
        byDefault: null,
        ("soft", LabelKind.Soft),
        ("hard", LabelKind.Hard)
    );
    private readonly Option<double> temperature = new("--temperature")
    {
        Description = "Temperature of soft labels: above 1, small probabilities count for more",
        DefaultValueFactory = _ => 1,
    };
    private readonly QueryBudgetOption budget = new();
    private readonly TrainingOptionGroup training = new();

    public DistillCommand(Session session)
        : base(
            session,
            "distill",
            "Train a student on what a suspect model says of images, for a white-box test of the student; each image is asked about "
                + "once, as it is",
            CommandLines
        )
    {
        teacher.AddTo(this);
        AddOptions(labels, temperature, budget);
        training.AddTo(this);
        Resumes = _ => true;
    }

    protected override int Run(ParseResult parsed)
    {
        teacher.Validate(parsed, budget);
        Lesson.Validate(labels.Find(parsed) ?? LabelKind.Soft, parsed.GetValue(temperature));
        var job = training.ReadJob(parsed);
        var device = Session.Device(parsed);
        WarnOfMarkedImages(job.Dataset);
        var (model, _, source, _) = teacher
            .Read(parsed, training.ReadOutput(parsed))
            .Open(job.Dataset.ClassNames.Count, Session.Environment(parsed), parsed.GetValue(budget));
        using var asked = model;
        if (asked.Classes != job.Dataset.ClassNames.Count)
            throw new IsotopeException(
                $"{source}: expected a model of {job.Dataset.ClassNames.Count} classes, as the images have, found {asked.Classes}"
            );
        var report = Session.WithProgress(progress => Distil(parsed, asked, source, job, device, progress));
        Session.Write(parsed, report, ReportJson.Default.DistillReport, report.Lines());
        return 0;
    }

    private void WarnOfMarkedImages(Dataset images)
    {
        if ((Manifest.FindFor(images.Root) ?? QuerySet.FindFor(images.Root)) is { } index)
            Session.Advise(
                $"--data: {index} says that images of these are marked: their student carries the mark whatever its teacher has "
                    + "seen, and its test tells nothing; distil on vanilla images"
            );
    }

    private DistillReport Distil(
        ParseResult parsed,
        BlackBox asked,
        string source,
        TrainingJob job,
        Device device,
        IProgress<StageProgress> progress
    )
    {
        var lesson = Lesson.Take(asked, job.Dataset, progress, Session.Cancellation);
        var kind = labels.Find(parsed) ?? lesson.BestLabels;
        job = job with
        {
            Targets = lesson.Targets(kind, parsed.GetValue(temperature)),
            Teacher = SettingsOf(lesson, kind, parsed.GetValue(temperature)),
        };
        var student = job.Run(training.ReadOutput(parsed), device, progress, Session.Cancellation);
        using var network = Network.Load(student.Out, device);
        var agreement = Evaluation.Accuracy(network, lesson.Relabelled(), progress, Session.Cancellation);
        return new DistillReport(student, source, asked.Queries, kind, agreement);
    }

    private static JsonObject SettingsOf(Lesson lesson, LabelKind kind, double temperature) =>
        new()
        {
            ["answersSha256"] = lesson.Sha256(),
            ["labels"] = kind.ToString(),
            ["temperature"] = temperature,
        };
}
