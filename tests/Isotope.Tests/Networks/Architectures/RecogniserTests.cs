using Isotope.Networks;
using Isotope.Networks.Architectures;
using Isotope.Networks.Checkpoints;
using Isotope.Numerics;
using Isotope.Tests.Networks.Checkpoints;
using static TorchSharp.torch;

namespace Isotope.Tests.Networks.Architectures;

/// <summary>Recognising the architecture of a file without metadata.</summary>
public sealed class RecogniserTests
{
    private const string Source = "some.pth";
    private const string Advice = "; export the model to ONNX or TorchScript (docs/export.md)";

    public static TheoryData<string> Names => EqualityTests.Names;

    [Theory, MemberData(nameof(Names))]
    public void Recognise_EveryArchitecture_FindsItAndItsClasses(string name)
    {
        var fit = Catalogue.Recognise(ShapesOf(name, classes: 7), Source)[0];
        Assert.Equal((Catalogue.Find(name).CommonerTwin ?? name, 7), (fit.Architecture.Name, fit.Classes));
    }

    [Theory]
    [InlineData("fc.lora_A", "merge it into its model first")]
    [InlineData("fc.weight_mask", "torch.nn.utils.prune.remove")]
    [InlineData("state.0.exp_avg", "save model.state_dict()")]
    public void Recognise_ModelThatWasChanged_SaysHowToUndoIt(string name, string expected)
    {
        var shapes = new Dictionary<string, long[]>(ShapesOf("resnet18", classes: 7)) { [name] = [4, 512] };
        shapes.Remove("layer1.0.bn1.weight");
        Assert.Contains(expected, Assert.Throws<IsotopeException>(() => Catalogue.Recognise(shapes, Source)).Message);
    }

    [Fact]
    public void Of_AFileOfTwins_IsTheCommonerOneAndNamesTheOther()
    {
        using var folder = new TemporaryFolder();
        using var network = Network.Create("cifar-resnet18-pooled", 3);
        TorchFile.Save(folder.File("a.pth"), network.Module.state_dict());
        var description = NetworkDescription.Of(folder.File("a.pth"));
        Assert.Equal("cifar-resnet18", description.Architecture);
        Assert.Equal(
            ["a cifar-resnet18-pooled has the same tensors and other answers: choose it by cifar-resnet18-pooled:FILE"],
            description.LeftOpen
        );
        using var chosen = Network.Load($"cifar-resnet18-pooled:{folder.File("a.pth")}");
        Assert.Equal("cifar-resnet18-pooled", chosen.Architecture);
        network.Save(folder.File("named.safetensors"));
        Assert.Empty(NetworkDescription.Of(folder.File("named.safetensors")).LeftOpen);
    }

    [Fact]
    public void Load_ViewsOfAnotherSizeThanPositionsWereLearnedFor_IsRefused()
    {
        using var folder = new TemporaryFolder();
        using var network = Network.Create("vit_ti_16", 2);
        network.Save(folder.File("a.safetensors"));
        var e = Assert.Throws<IsotopeException>(() =>
            Network.Load(folder.File("a.safetensors"), overrides: new InputOverride { Size = 240 })
        );
        Assert.EndsWith("a.safetensors: expected views of 224 pixels for a vit_ti_16, found 240", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Recognise_WithoutCounters_FindsTheArchitecture()
    {
        var shapes = ShapesOf("resnet18").Where(item => !item.Key.EndsWith("num_batches_tracked", StringComparison.Ordinal)).ToDictionary();
        Assert.Equal("resnet18", Catalogue.Recognise(shapes, Source)[0].Architecture.Name);
    }

    [Fact]
    public void Recognise_ResNet18WithAnotherStem_NamesTheNearestAndTheFirstDifference()
    {
        var shapes = ShapesOf("resnet18");
        shapes["conv1.weight"] = [64, 3, 5, 5];
        Assert.Equal(
            "some.pth: expected the tensors of an architecture in the catalogue, found others: nearest is cifar-resnet18, "
                + $"tensors that differ: 1, first: conv1.weight: expected shape [64, 3, 3, 3], found [64, 3, 5, 5]{Advice}",
            Refusal(shapes)
        );
    }

    [Fact]
    public void Recognise_ATensorTooFewOrTooMany_NamesIt()
    {
        var shapes = ShapesOf("resnet50");
        shapes.Remove("layer1.0.conv1.weight");
        Assert.EndsWith(
            "tensors that differ: 1, first: expected a tensor layer1.0.conv1.weight of shape [64, 64, 1, 1], found none" + Advice,
            Refusal(shapes)
        );
        shapes.Add("layer1.0.conv1.weight", [64, 64, 1, 1]);
        shapes.Add("layer5.weight", []);
        Assert.EndsWith(
            "nearest is resnet50, tensors that differ: 1, first: expected no tensor layer5.weight; it belongs to another architecture"
                + Advice,
            Refusal(shapes)
        );
    }

    [Fact]
    public void Recognise_TensorsOfOtherModulesPrefixesAndNoBias_FitsAllTheSame()
    {
        var shapes = ShapesOf("resnet50").ToDictionary(tensor => $"encoder.{tensor.Key}", tensor => tensor.Value);
        shapes.Remove("encoder.fc.bias");
        shapes.Add("criterion.weight", [10]);
        shapes.Add("n_averaged", []);
        var fit = Assert.Single(Catalogue.Recognise(shapes, Source));
        Assert.Equal(("resnet50", 10, "encoder."), (fit.Architecture.Name, fit.Classes, fit.Prefix));
    }

    [Fact]
    public void Recognise_NoFinalLayer_FitsWithoutClasses()
    {
        var shapes = ShapesOf("resnet50").Where(tensor => !tensor.Key.StartsWith("fc.", StringComparison.Ordinal)).ToDictionary();
        Assert.True(Assert.Single(Catalogue.Recognise(shapes, Source)).IsHeadless);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Recognise_ForeignTensors_SaysThatNoneIsKnown(bool any)
    {
        Dictionary<string, long[]> shapes = any
            ? new()
            {
                ["patch.weight"] = [16, 4],
                ["fc.weight"] = [4, 512],
                ["fc.bias"] = [4],
            }
            : [];
        Assert.Contains($"found none of them among its {shapes.Count}", Refusal(shapes), StringComparison.Ordinal);
    }

    [Fact]
    public void Recognise_TwoThatFit_RefusesToChoose()
    {
        var resnet = Catalogue.Find("resnet14");
        var e = Assert.Throws<IsotopeException>(() =>
            Recogniser.Recognise(ShapesOf("resnet14"), Source, [resnet, resnet with { Name = "twin" }])
        );
        Assert.Equal("some.pth: expected ARCHITECTURE:FILE, since its tensors fit resnet14 and twin", e.Message);
    }

    [Fact]
    public void Load_FileThatDoesNotNameItsArchitecture_RecognisesIt()
    {
        using var folder = new TemporaryFolder();
        using var network = Fixtures.RandomNetwork(classes: 5);
        TorchFile.Save(folder.File("a.pth"), network.Module.state_dict());
        using var loaded = Network.Load(folder.File("a.pth"));
        using var named = Network.Load($"resnet14:{folder.File("a.pth")}");
        Assert.Equal(("resnet14", 5), (loaded.Architecture, loaded.Classes));
        Assert.Equal(("resnet14", 5), (named.Architecture, named.Classes));
        Assert.Throws<IsotopeException>(() => Network.Load($"resnet20:{folder.File("a.pth")}"));
    }

    [Theory]
    [InlineData(ScalarType.Float16, 2e-2)]
    [InlineData(ScalarType.BFloat16, 2e-1)]
    [InlineData(ScalarType.Float64, 1e-6)]
    public void Load_WeightsOfOtherPrecision_ComputesTheSame(ScalarType type, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var network = Fixtures.RandomNetwork();
        TorchFile.Save(
            folder.File("a.pth"),
            network
                .Module.state_dict()
                .Select(item => KeyValuePair.Create(item.Key, item.Value.is_floating_point() ? item.Value.to(type) : item.Value))
        );
        using var loaded = Network.Load(folder.File("a.pth"));
        var views = rand(2, 3, 16, 16).Times(255);
        var error = (loaded.Logits(views) - network.Logits(views)).abs().max() / network.Logits(views).abs().max();
        Assert.InRange(error.item<float>(), 0, tolerance);
    }

    /// <summary>It would take half a terabyte if the module were built before the shapes are compared.</summary>
    [Fact]
    public void Load_SmallFileThatClaimsAHugeClassifier_IsRefusedWithoutTheMemory()
    {
        using var folder = new TemporaryFolder();
        const string Header = """
            {"__metadata__":{"isotope.architecture":"resnet20"},
            "linear.weight":{"dtype":"F32","shape":[2147483647,0],"data_offsets":[0,0]}}
            """;
        var path = folder.Write("a.safetensors", HostileFiles.Safetensors(Header, 0));
        Assert.Contains(
            "expected a tensor conv1.weight of shape",
            Assert.Throws<IsotopeException>(() => Network.Load(path)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains("expected a tensor conv1.weight of shape", NetworkDescription.Of(path).NotRecognised, StringComparison.Ordinal);
    }

    private static string Refusal(Dictionary<string, long[]> shapes) =>
        Assert.Throws<IsotopeException>(() => Catalogue.Recognise(shapes, Source)).Message;

    private static Dictionary<string, long[]> ShapesOf(string architecture, int classes = 10) =>
        new(Catalogue.Find(architecture).Shapes(classes));
}
