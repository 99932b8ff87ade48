using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Networks.BlackBoxes;
using Isotope.Numerics;
using Isotope.Runs;
using Isotope.Training;
using static TorchSharp.torch;

namespace Isotope.Tests.Training;

/// <summary>The views, learning rates and losses of training.</summary>
public sealed class TrainingViewsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Draw_OfAnImage_FollowsFromSeedEpochAndId()
    {
        using var scope = NewDisposeScope();
        using var network = Fixtures.RandomNetwork();
        var images = Fixtures.WriteFolder(folder.Path).Images;
        var batch = ImageLoader.Batches(images, 12, default).Single();
        foreach (var augmentation in new[] { Augmentation.Shift, Augmentation.Resized })
        {
            var options = new TrainingOptions { Augmentation = augmentation, Seed = 5 };
            foreach (var epoch in new[] { 0, 3 })
            {
                var views = TrainingViews.Draw(batch, options, epoch, network);
                for (var i = 0; i < 12; i++)
                {
                    var crop = Crop.Draw(augmentation, 16, 16, 1, new RandomStream(5, $"view {epoch} {images[i].Id}"));
                    Assert.True(Views.Take(Views.ToTensor(batch.Pixels[i]), crop, 16).eq(views[i]).all().item<bool>());
                }
            }

            Assert.False(
                TrainingViews.Draw(batch, options, 0, network).eq(TrainingViews.Draw(batch, options, 1, network)).all().item<bool>()
            );
        }
    }

    [Fact]
    public void LearningRateAt_BothSchedules_AreTheirCurvesAndApplied()
    {
        var options = new TrainingOptions { LearningRate = 0.2 };
        Assert.Equal(
            [0.008, 0.1, 0.2, 0.1, 0],
            new[] { 0, 0.15, 0.3, 0.65, 1 }.Select(options.LearningRateAt),
            (a, b) => Math.Abs(a - b) < 1e-12
        );
        var waterfall = options with { Schedule = Schedule.Waterfall };
        Assert.Equal(
            [0.2, 0.2, 0.02, 0.02, 0.002],
            new[] { 0, 0.49, 0.5, 0.74, 0.75 }.Select(waterfall.LearningRateAt),
            (a, b) => Math.Abs(a - b) < 1e-12
        );
        Assert.Equal(0.04, Change(Schedule.OneCycle) / Change(Schedule.Waterfall), 1e-3);

        double Change(Schedule schedule)
        {
            using var own = new TemporaryFolder();
            using var network = Network.Create("resnet14", 3, 16, seed: 5);
            var before = network.Weight.detach().clone();
            new Trainer(
                Fixtures.WriteFolder(own.Path),
                network,
                new TrainingOptions
                {
                    Epochs = 1,
                    BatchSize = 12,
                    Momentum = 0,
                    WeightDecay = 0,
                    Schedule = schedule,
                    Augmentation = Augmentation.Centre,
                }
            ).Run();
            return (network.Weight - before).norm().item<float>();
        }
    }

    [Fact]
    public void Run_LabelSmoothing_IsInTheLoss()
    {
        using var scope = NewDisposeScope();
        var dataset = Fixtures.WriteFolder(folder.Path);
        LabelledImage[] order = [.. dataset.Images];
        new RandomStream(3, "order 0").Shuffle<LabelledImage>(order);
        using var network = NewNetwork();
        network.Module.train();
        var logits = network.Logits(network.CentreViews([.. order.Select(image => Views.ToTensor(image.Source.Decode()))]));
        var labels = tensor(order.Select(image => (long)image.Label).ToArray());
        var expected = nn.functional.cross_entropy(logits, labels, label_smoothing: 0.2).item<float>();
        using var trained = NewNetwork();
        var options = new TrainingOptions
        {
            Epochs = 1,
            BatchSize = 12,
            LabelSmoothing = 0.2,
            Seed = 3,
            Augmentation = Augmentation.Centre,
        };
        Assert.Equal(expected, new Trainer(dataset, trained, options).Run()[0], 1e-4);
        using var head = Fixtures.RandomNetwork();
        Assert.Equal(Math.Log(3), new ClassifierTrainer(dataset, head, options with { LearningRate = 1e-9 }).Run()[0], 1e-4);

        static TorchNetwork NewNetwork() => Network.Create("resnet14", 3, 16, seed: 5);
    }

    [Fact]
    public void ClassAccuracies_ModelThatAlwaysSaysOneClass_IsRightOnThatClassOnly()
    {
        using var network = Fixtures.RandomNetwork();
        using (no_grad())
        {
            network.Weight.zero_();
            network.Bias!.copy_(tensor(new float[] { 0, 0, 1 }));
        }

        var dataset = Fixtures.WriteFolder(folder.Path);
        Assert.Equal([0, 0, 1], Evaluation.ClassAccuracies(network, dataset));
        Assert.Equal(1.0 / 3, Evaluation.Accuracy(network, dataset), 1e-12);
    }

    [Fact]
    public void Targets_Soft_AreEachImagesOwn()
    {
        using var scope = NewDisposeScope();
        var dataset = Fixtures.WriteFolder(folder.Path);
        var found = Lesson.Take(new FolderTeacher(), dataset).Targets(LabelKind.Soft, 1).Find([dataset.Images[5], dataset.Images[0]], CPU);
        Assert.Equal([1, 0], found.argmax(1).data<long>().ToArray());
    }

    public void Dispose() => folder.Dispose();

    private sealed class FolderTeacher() : BlackBox(3, OutputKind.Probabilities)
    {
        public override IReadOnlyList<Answer> Ask(
            IReadOnlyList<LabelledImage> images,
            IProgress<StageProgress>? progress = null,
            CancellationToken cancellation = default
        ) =>
            [
                .. images.Select(image => new Answer
                {
                    Probabilities = [.. Enumerable.Range(0, 3).Select(label => label == image.Label ? 0.8 : 0.1)],
                }),
            ];
    }
}
