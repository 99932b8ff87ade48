using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Networks.BlackBoxes;
using Isotope.Runs;
using Isotope.Training;
using TorchSharp;

namespace Isotope.Tests.Training;

public sealed class LessonTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Dataset dataset;

    public LessonTests() => dataset = Fixtures.WriteFolder(folder.File("data"));

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Targets_Soft_AreTheTeachersSoftmaxAtThatTemperature(double temperature)
    {
        double[] logits = [2, -1, 0.5];
        var lesson = Take(new Teacher(OutputKind.Probabilities, new Answer { Probabilities = Softmax(logits, 1) }));
        using var scope = torch.NewDisposeScope();
        var targets = lesson.Targets(LabelKind.Soft, temperature);
        var found = targets.Find([dataset.Images[5], dataset.Images[0]], torch.CPU);
        Assert.Equal([2, 3], found.shape);
        Assert.Equal(Softmax(logits, temperature), found[0].data<float>().Select(value => (double)value), (x, y) => Math.Abs(x - y) < 1e-6);
        Assert.Equal(LabelKind.Soft, lesson.BestLabels);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Loss_OfSoftTargets_HasTheGradientOfTheKullbackLeiblerDivergence(double temperature)
    {
        // ∂/∂z of T² · KL(q ‖ softmax(z / T)) is T · (softmax(z / T) − q).
        double[] teacher = [2, -1, 0.5];
        double[] student = [0.1, 0.7, -3];
        using var scope = torch.NewDisposeScope();
        var targets = Take(new Teacher(OutputKind.Probabilities, new Answer { Probabilities = Softmax(teacher, 1) }))
            .Targets(LabelKind.Soft, temperature);
        var logits = torch.tensor(student.Select(value => (float)value).ToArray(), [1, 3], requires_grad: true);
        targets.Loss(logits, targets.Find([dataset.Images[0]], torch.CPU)).backward();
        var expected = Softmax(student, temperature).Zip(Softmax(teacher, temperature), (p, q) => temperature * (p - q));
        Assert.Equal(expected, logits.grad!.data<float>().Select(value => (double)value), (x, y) => Math.Abs(x - y) < 1e-5);
    }

    [Fact]
    public void Targets_Hard_AreTheTeachersFirstLabels()
    {
        using var scope = torch.NewDisposeScope();
        var probabilities = Take(new Teacher(OutputKind.Probabilities, new Answer { Probabilities = [0.2, 0.5, 0.3] }));
        var labels = Take(new Teacher(OutputKind.TopLabels, new Answer { TopLabels = [1, 0] }));
        foreach (var lesson in new[] { probabilities, labels })
        {
            Assert.Equal(1, lesson.Targets(LabelKind.Hard, 1).Find([dataset.Images[0]], torch.CPU).item<long>());
            Assert.All(lesson.Relabelled().Images, image => Assert.Equal(1, image.Label));
        }

        Assert.Equal(LabelKind.Hard, labels.BestLabels);
        Assert.NotEqual(probabilities.Sha256(), labels.Sha256());
    }

    [Fact]
    public void Targets_SoftOfATeacherThatReturnsLabels_AreRefused()
    {
        var lesson = Take(new Teacher(OutputKind.Label, new Answer { TopLabels = [1] }));
        Assert.Contains("--labels hard", Assert.Throws<IsotopeException>(() => lesson.Targets(LabelKind.Soft, 1)).Message);
        Assert.Contains("temperature", Assert.Throws<IsotopeException>(() => lesson.Targets(LabelKind.Hard, 0.5)).Message);
    }

    [Fact]
    public void Take_TeacherThatReturnsLosses_IsRefused() =>
        Assert.Contains(
            "losses",
            Assert.Throws<IsotopeException>(() => Take(new Teacher(OutputKind.Loss, new Answer { Loss = 1 }))).Message
        );

    [Fact]
    public void Run_ResumedStudent_EndsAsOneThatWasNeverInterrupted()
    {
        using var teacher = new LocalBlackBox(Fixtures.RandomNetwork(), new(OutputKind.Probabilities));
        var options = new TrainingOptions
        {
            Epochs = 2,
            BatchSize = 4,
            Seed = 3,
        };
        var targets = Lesson.Take(teacher, dataset).Targets(LabelKind.Soft, 2);
        Assert.Equal(
            Train(new TrainingState(folder.File("a"), []), stop: false),
            Train(new TrainingState(folder.File("b"), []), stop: true)
        );

        float[] Train(TrainingState state, bool stop)
        {
            using var cancellation = new CancellationTokenSource();
            if (stop)
                Assert.ThrowsAny<OperationCanceledException>(() =>
                    Run(
                        state,
                        new Callback(progress =>
                        {
                            if (progress.Done == 16)
                                cancellation.Cancel();
                        }),
                        cancellation.Token
                    )
                );
            return Run(state, null, default);
        }

        float[] Run(TrainingState state, IProgress<StageProgress>? progress, CancellationToken token)
        {
            using var student = Network.Create("resnet14", 3, inputSize: 16, seed: 5);
            new Trainer(dataset, student, options, targets).Run(state, progress, token);
            return student.Weight.data<float>().ToArray();
        }
    }

    public void Dispose() => folder.Dispose();

    private Lesson Take(BlackBox teacher) => Lesson.Take(teacher, dataset);

    private static double[] Softmax(double[] logits, double temperature)
    {
        var weights = logits.Select(value => Math.Exp(value / temperature)).ToArray();
        return [.. weights.Select(weight => weight / weights.Sum())];
    }

    private sealed class Teacher(OutputKind gives, Answer answer) : BlackBox(3, gives)
    {
        public override IReadOnlyList<Answer> Ask(
            IReadOnlyList<LabelledImage> images,
            IProgress<StageProgress>? progress = null,
            CancellationToken cancellation = default
        ) => [.. images.Select(_ => answer)];
    }
}
