using System.Text.Json.Nodes;
using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Networks.Checkpoints;
using Isotope.Numerics;
using Isotope.Training;
using TorchSharp;

namespace Isotope.Tests.Training;

public sealed class TrainerTests
{
    private static readonly TrainingOptions Quick = new()
    {
        Epochs = 3,
        BatchSize = 4,
        LearningRate = 0.05,
        Seed = 3,
    };

    [Theory]
    [InlineData("resnet14", 16)]
    [InlineData("mobilenet_v2", 32)]
    public void Run_Interrupted_ContinuesAndEndsTheSame(string architecture, int inputSize)
    {
        using var folder = new TemporaryFolder();
        var dataset = Fixtures.WriteFolder(folder.File("data"));
        using var whole = NewNetwork(architecture, inputSize);
        new Trainer(dataset, whole, Quick).Run();

        using var broken = NewNetwork(architecture, inputSize);
        using var cancellation = new CancellationTokenSource();
        var interrupt = new Callback(progress =>
        {
            if (progress.Done == 20)
                cancellation.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() =>
            new Trainer(dataset, broken, Quick).Run(State(folder), interrupt, cancellation.Token)
        );

        using var resumed = NewNetwork(architecture, inputSize);
        var first = 0L;
        new Trainer(dataset, resumed, Quick).Run(State(folder), new Callback(progress => first = first == 0 ? progress.Done : first));
        Assert.Equal(16, first);
        Assert.Equal(Values(whole), Values(resumed));
    }

    [Fact]
    public void Run_RateThatDiverges_IsRefusedByName()
    {
        using var folder = new TemporaryFolder();
        var dataset = Fixtures.WriteFolder(folder.File("data"));
        using var network = NewNetwork();
        const string Expected = "--learning-rate: expected a training that converges, found a loss of ";
        Assert.StartsWith(
            Expected,
            Assert
                .Throws<IsotopeException>(() =>
                    new Trainer(dataset, network, Quick with { LearningRate = 999, Epochs = 30 }).Run(State(folder))
                )
                .Message
        );
        using var other = NewNetwork();
        other.Freeze();
        Assert.StartsWith(
            Expected,
            Assert
                .Throws<IsotopeException>(() =>
                    new ClassifierTrainer(dataset, other, Quick with { LearningRate = 999, WeightDecay = 0.99, Epochs = 300 }).Run()
                )
                .Message
        );
    }

    [Fact]
    public void Run_ResumedWithOtherSettings_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var dataset = Fixtures.WriteFolder(folder.File("data"));
        using var network = NewNetwork();
        new Trainer(dataset, network, Quick with { Epochs = 1 }).Run(State(folder));
        var other = new TrainingState(folder.File("model"), new JsonObject { ["epochs"] = 5 });
        Assert.Contains(
            "epochs = 5 instead of 3",
            Assert.Throws<IsotopeException>(() => new Trainer(dataset, network, Quick).Run(other)).Message
        );
    }

    [Theory]
    [InlineData("isotope.settings", "[1,")]
    [InlineData("isotope.losses", "[1, \"2\"]")]
    [InlineData("isotope.losses", "null")]
    public void Run_BrokenStateOfAnEarlierRun_IsRefusedByName(string key, string broken)
    {
        using var folder = new TemporaryFolder();
        var dataset = Fixtures.WriteFolder(folder.File("data"));
        using var network = NewNetwork();
        new Trainer(dataset, network, Quick with { Epochs = 1 }).Run(State(folder));
        using (var saved = Safetensors.Load(folder.File("model.resume")))
            Safetensors.Save(folder.File("model.resume"), saved, new Dictionary<string, string>(saved.Metadata) { [key] = broken });
        var refused = Assert.Throws<IsotopeException>(() => new Trainer(dataset, network, Quick).Run(State(folder)));
        Assert.Contains($"model.resume: expected {key}", refused.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.9)]
    public void Run_FrozenNetwork_IsTrainedFromThere(double momentum)
    {
        using var folder = new TemporaryFolder();
        var dataset = Fixtures.WriteFolder(folder.File("data"));
        using var network = Fixtures.RandomNetwork();
        var before = Values(network);
        new Trainer(dataset, network, Quick with { Epochs = 2, Momentum = momentum }).Run(State(folder));
        var after = Values(network);
        Assert.All(
            before.Keys.Where(name => name.EndsWith("weight", StringComparison.Ordinal)),
            name => Assert.NotEqual(before[name], after[name])
        );
    }

    [Fact]
    public void Run_SeparableImages_AreLearned()
    {
        using var folder = new TemporaryFolder();
        var dataset = Fixtures.WriteFolder(folder.File("data"), perClass: 8);
        using var network = NewNetwork();
        new Trainer(dataset, network, Quick with { Epochs = 25, Augmentation = Augmentation.Centre }).Run();
        Assert.True(Evaluation.Accuracy(network, dataset) > 0.7);
    }

    /// <summary>With smoothed targets the smallest loss is above zero, and reached at finite logits.</summary>
    [Fact]
    public void Loss_Smoothed_IsLeastWhereProbabilitiesAreTheSmoothedTargets()
    {
        using var scope = torch.NewDisposeScope();
        var labels = torch.tensor([0L]);
        var best = torch.tensor([0.9f + 0.1f / 3, 0.1f / 3, 0.1f / 3]).log().unsqueeze(0).requires_grad_(true);
        var loss = Targets.Folders.Loss(best, labels, smoothing: 0.1);
        loss.backward();
        Assert.InRange(best.grad!.abs().max().item<float>(), 0, 1e-6f);
        Assert.Equal(
            Targets.Folders.Loss(best, labels).item<float>(),
            torch.nn.functional.cross_entropy(best, labels).item<float>(),
            1e-6f
        );
    }

    [Fact]
    public void Run_MixupAndSmoothing_LearnsWithLessConfidence()
    {
        using var folder = new TemporaryFolder();
        var dataset = Fixtures.WriteFolder(folder.File("data"), perClass: 8);
        using var plain = NewNetwork();
        using var mixed = NewNetwork();
        var options = Quick with { Epochs = 25, Augmentation = Augmentation.Centre };
        new Trainer(dataset, plain, options).Run();
        new Trainer(dataset, mixed, options with { Mixup = true, LabelSmoothing = 0.1 }).Run();
        Assert.True(Evaluation.Accuracy(mixed, dataset) > 0.6);
        Assert.True(Confidence(mixed) < Confidence(plain));

        double Confidence(TorchNetwork network)
        {
            using var scope = torch.NewDisposeScope();
            var views = network.CentreViews([.. dataset.Images.Select(image => Views.ToTensor(image.Source.Decode()))]);
            return torch.nn.functional.softmax(network.Logits(views), dim: 1).amax([1]).mean().item<float>();
        }
    }

    [Fact]
    public void Run_Mixup_HasTheLossOfMixedViewsAndLabels()
    {
        using var folder = new TemporaryFolder();
        using var scope = torch.NewDisposeScope();
        var dataset = Fixtures.WriteFolder(folder.File("data"));
        var options = Quick with { Epochs = 1, BatchSize = 12, Mixup = true, Augmentation = Augmentation.Centre };
        LabelledImage[] order = [.. dataset.Images];
        new RandomStream(options.Seed, "order 0").Shuffle<LabelledImage>(order);
        var share = new RandomStream(options.Seed, "mixup 0").NextDouble();
        using var network = NewNetwork();
        network.Module.train();
        var views = network.CentreViews([.. order.Select(image => Views.ToTensor(image.Source.Decode()))]);
        var labels = torch.tensor(order.Select(image => (long)image.Label).ToArray());
        var logits = network.Logits(views.Times(share).Plus(views.roll(1, 0).Times(1 - share)));
        var own = torch.nn.functional.cross_entropy(logits, labels).item<float>();
        var others = torch.nn.functional.cross_entropy(logits, labels.roll(1, 0)).item<float>();

        using var trained = NewNetwork();
        Assert.Equal(share * own + (1 - share) * others, new Trainer(dataset, trained, options).Run()[0], 1e-4);
    }

    [Fact]
    public void ClassAccuracies_OfClasses_AverageToTheAccuracy()
    {
        using var folder = new TemporaryFolder();
        var dataset = Fixtures.WriteFolder(folder.File("data"), perClass: 8);
        using var network = Fixtures.RandomNetwork();
        Assert.Equal(Evaluation.Accuracy(network, dataset), Evaluation.ClassAccuracies(network, dataset).Average(), 1e-12);
    }

    [Fact]
    public void ClassifierTrainer_Mixup_IsRefused()
    {
        using var folder = new TemporaryFolder();
        using var network = Fixtures.RandomNetwork();
        Assert.Contains(
            "--mixup",
            Assert
                .Throws<IsotopeException>(() =>
                    new ClassifierTrainer(Fixtures.WriteFolder(folder.File("data")), network, Quick with { Mixup = true })
                )
                .Message
        );
    }

    [Fact]
    public void Run_FrozenFeatures_ChangesTheLastLayerAlone()
    {
        using var folder = new TemporaryFolder();
        var dataset = Fixtures.WriteFolder(folder.File("data"), perClass: 8);
        using var network = Fixtures.RandomNetwork();
        var before = Values(network);
        new ClassifierTrainer(dataset, network, Quick with { Epochs = 200, LearningRate = 1, Augmentation = Augmentation.Centre }).Run();
        var after = Values(network);
        Assert.Equal(["linear.bias", "linear.weight"], before.Keys.Where(name => !before[name].SequenceEqual(after[name])).Order());
        Assert.True(Evaluation.Accuracy(network, dataset) > 0.5);
    }

    [Fact]
    public void Run_MoreEpochs_LeavesNoMoreTensorsAlive()
    {
        using var folder = new TemporaryFolder();
        var dataset = Fixtures.WriteFolder(folder.File("data"));
        Assert.Equal(LiveAfter(2), LiveAfter(4));

        long LiveAfter(int epochs)
        {
            using var network = NewNetwork();
            new Trainer(dataset, network, Quick with { Epochs = epochs }).Run();
            new ClassifierTrainer(dataset, network, Quick with { Epochs = epochs }).Run();
            return DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        }
    }

    [Theory]
    [InlineData(Schedule.OneCycle)]
    [InlineData(Schedule.Waterfall)]
    public void LearningRateAt_Always_IsPositiveAtMostTheHighestAndEndsLow(Schedule schedule)
    {
        var options = Quick with { Schedule = schedule };
        var rates = Enumerable.Range(0, 1000).Select(i => options.LearningRateAt(i / 1000.0)).ToArray();
        Assert.All(rates, rate => Assert.InRange(rate, 0, options.LearningRate));
        Assert.Equal(options.LearningRate, rates.Max(), 1e-9);
        Assert.True(rates[^1] <= 0.0101 * options.LearningRate);
    }

    [Fact]
    public void Accuracy_NetworkOfOtherClasses_IsRefused()
    {
        using var folder = new TemporaryFolder();
        using var network = Fixtures.RandomNetwork(classes: 2);
        Assert.Contains(
            "expected 2 classes, found 3",
            Assert.Throws<IsotopeException>(() => Evaluation.Accuracy(network, Fixtures.WriteFolder(folder.Path))).Message
        );
    }

    [Fact]
    public void ReplaceClassifier_OtherNumberOfClasses_KeepsTheFeaturesAndCanBeTrainedAndSaved()
    {
        using var folder = new TemporaryFolder();
        var dataset = Fixtures.WriteFolder(folder.File("data"));
        using var network = Fixtures.RandomNetwork(classes: 5);
        using var own = Fixtures.RandomNetwork(classes: 5);
        network.ReplaceClassifier(3, seed: 1);
        Assert.Equal((3, 64), (network.Classes, network.FeatureDimension));
        new ClassifierTrainer(dataset, network, Quick).Run();
        network.Save(folder.File("model.safetensors"));
        using var loaded = Network.Load(folder.File("model.safetensors"));
        Assert.Equal(network.Weight.data<float>(), loaded.Weight.data<float>());
        var pixels = Views.ToTensors([.. dataset.Images.Select(image => image.Source.Decode())], own.Device);
        Assert.Equal(own.CentreFeatures(pixels).data<float>(), loaded.CentreFeatures(pixels).data<float>());
    }

    [Fact]
    public void Create_SeedOfTheWeights_DecidesThem()
    {
        using var one = Network.Create("resnet14", 3, 16, seed: 7);
        using var same = Network.Create("resnet14", 3, 16, seed: 7);
        using var other = Network.Create("resnet14", 3, 16, seed: 8);
        Assert.Equal(one.Weight.data<float>(), same.Weight.data<float>());
        Assert.NotEqual(one.Weight.data<float>(), other.Weight.data<float>());
    }

    private static TorchNetwork NewNetwork(string architecture = "resnet14", int inputSize = 16) =>
        Network.Create(architecture, 3, inputSize, seed: 5);

    private static TrainingState State(TemporaryFolder folder) => new(folder.File("model"), new JsonObject { ["epochs"] = 3 });

    private static Dictionary<string, float[]> Values(TorchNetwork network) =>
        network
            .Module.state_dict()
            .ToDictionary(pair => pair.Key, pair => pair.Value.to(torch.float32).contiguous().data<float>().ToArray());
}
