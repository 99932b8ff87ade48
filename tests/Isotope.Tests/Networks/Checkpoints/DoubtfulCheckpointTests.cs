using Isotope.Networks;
using Isotope.Networks.Architectures;
using Isotope.Networks.Checkpoints;
using Isotope.Pickles;
using static TorchSharp.torch;

namespace Isotope.Tests.Networks.Checkpoints;

/// <summary>Files whose tensors fit an architecture though their own network computes something else, and their likes.</summary>
public sealed class DoubtfulCheckpointTests : IDisposable
{
    private const string Head = "linear.weight";
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string, long[], string> Layers =>
        new()
        {
            { "neck.running_mean", [64], "found neck.running_mean of shape [64]" },
            { "final2.weight", [5, 10], "found final2.weight of shape [5, 10]" },
            { "avgpool.p", [1], "found avgpool.p of shape [1]" },
            { "relu.weight", [1], "found relu.weight of shape [1]" },
            { "attention.conv.weight", [1, 64, 1, 1], "found attention.conv.weight of shape" },
        };

    [Theory, MemberData(nameof(Layers))]
    public void Load_LayerAroundTheClassifier_IsRefused(string name, long[] shape, string expected) =>
        Assert.Contains(expected, Refusal(tensors => tensors[name] = zeros(shape)));

    [Theory]
    [InlineData("criterion.weight", 10)]
    [InlineData("n_averaged", 1)]
    [InlineData("center_loss.centers", 64)]
    public void Load_WhatOnlyTrainingUses_IsLeftOut(string name, int size)
    {
        using var network = Load(tensors => tensors[name] = zeros(size));
        Assert.Equal([name], network.Found.LeftOver);
    }

    [Fact]
    public void Load_OneOutput_IsRefused() =>
        Assert.Contains(
            "expected a classifier of at least two classes",
            Refusal(tensors =>
            {
                tensors[Head] = zeros(1, 64);
                tensors["linear.bias"] = zeros(1);
            })
        );

    [Fact]
    public void Load_WeightsInIntegers_AreRefused() =>
        Assert.Contains("expected floating-point numbers", Refusal(tensors => tensors[Head] = zeros(10, 64, dtype: int8)));

    [Fact]
    public void Load_NotANumber_IsRefused() =>
        Assert.Contains("expected finite numbers", Refusal(tensors => tensors[Head] = Filled(double.NaN, 10, 64)));

    [Theory]
    [InlineData("normalize.mean", "normalize.std", 1)]
    [InlineData("0.mu", "0.sigma", 1)]
    [InlineData("pixel_mean", "pixel_std", 255)]
    public void Load_LayerThatNormalises_BecomesTheInput(string mean, string std, double scale)
    {
        using var network = Load(tensors =>
        {
            tensors[mean] = tensor([0.4 * scale, 0.5 * scale, 0.6 * scale]);
            tensors[std] = tensor([0.2 * scale, 0.2 * scale, 0.2 * scale]);
        });
        Assert.Equal([0.4, 0.5, 0.6], network.Input.Mean);
        Assert.Equal([0.2, 0.2, 0.2], network.Input.Std);
    }

    [Fact]
    public void Load_TwoLayersThatNormalise_AreRefused() =>
        Assert.Contains(
            "expected one normalisation",
            Refusal(tensors =>
            {
                foreach (var (layer, mean) in new[] { ("a", 0.4), ("b", 0.5) })
                {
                    tensors[$"{layer}.mean"] = Filled(mean, 3);
                    tensors[$"{layer}.std"] = Filled(0.2, 3);
                }
            })
        );

    [Theory]
    [InlineData("torch.nn.modules.activation.SiLU", "relu", null, null, "SiLU at relu")]
    [InlineData("timm.layers.activations.Swish", "relu", null, null, "Swish")]
    [InlineData("torch.nn.modules.activation.GELU", "relu", "approximate", "tanh", "computed by tanh")]
    [InlineData("torch.nn.modules.linear.Identity", "maxpool", null, null, "no pooling")]
    [InlineData("torch.nn.modules.pooling.AdaptiveMaxPool2d", "avgpool", null, null, "AdaptiveMaxPool2d")]
    [InlineData("torch.nn.modules.pooling.AvgPool2d", "maxpool", "kernel_size", 3L, "AvgPool2d")]
    [InlineData("torch.nn.modules.pooling.MaxPool2d", "maxpool", "kernel_size", 2L, "kernel_size 2 instead of 3")]
    [InlineData("torch.nn.modules.pooling.MaxPool2d", "maxpool", "ceil_mode", true, "rounds up")]
    [InlineData("torch.nn.modules.batchnorm.BatchNorm2d", "bn1", "eps", 0.1, "an epsilon of 0.1 instead of 1E-05")]
    [InlineData("torch.nn.modules.batchnorm.BatchNorm2d", "bn1", "momentum", 0.5, null)]
    [InlineData("torch.nn.modules.batchnorm.BatchNorm2d", "bn1", "track_running_stats", false, "statistics of each batch")]
    [InlineData("torch.nn.modules.conv.Conv2d", "conv1", "padding_mode", "reflect", "reflect padding")]
    [InlineData("torch.nn.modules.conv.Conv2d", "conv1", "stride", 1L, "stride 1 instead of 2")]
    [InlineData("torch.nn.modules.conv.Conv2d", "conv1", "padding", "same", "another padding")]
    [InlineData("torch.nn.modules.conv.Conv2d", "layer4.0.conv1", "dilation", 2L, "dilation 2 instead of 1")]
    [InlineData("torch.nn.modules.conv.Conv2d", "layer4.0.conv1", "groups", 2L, "groups 2 instead of 1")]
    [InlineData("timm.layers.StdConv2d", "conv1", null, null, "StdConv2d")]
    [InlineData("torch.nn.modules.activation.ReLU", "relu", null, null, null)]
    [InlineData("torch.nn.modules.activation.LogSoftmax", "fc.1", null, null, null)]
    [InlineData("torch.nn.modules.dropout.Dropout", "drop", null, null, null)]
    public void UnusualLayer_OfAWholeModel_IsNamed(string type, string name, string? attribute, object? value, string? expected)
    {
        PickleDictionary attributes = type.EndsWith(".MaxPool2d", StringComparison.Ordinal)
            ? [new("kernel_size", 3L), new("stride", 2L), new("padding", 1L), new("dilation", 1L)]
            : [];
        if (attribute is not null)
            attributes.Add(new(attribute, value));
        var found = Unusual("resnet18", new StoredLayer(name, type, attributes));
        if (expected is null)
            Assert.Null(found);
        else
            Assert.Contains(expected, found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mobilenet_v2", "ReLU6")]
    [InlineData("efficientnet_b0", "SiLU")]
    [InlineData("convnext_tiny", "GELU")]
    [InlineData("vgg11", "ReLU")]
    public void UnusualLayer_ActivationOfTheArchitecture_IsUsual(string architecture, string activation)
    {
        foreach (var kind in new[] { "ReLU", "ReLU6", "SiLU", "GELU" })
            Assert.Equal(
                kind == activation,
                Unusual(architecture, new StoredLayer("act", $"torch.nn.modules.activation.{kind}", [])) is null
            );
    }

    /// <summary>A whole model tells a rarer architecture with the same tensors: here where it pools.</summary>
    [Fact]
    public void UnusualLayer_PoolingAfterASmallStem_IsTheTwins()
    {
        StoredLayer pool = new(
            "maxpool",
            "torch.nn.modules.pooling.MaxPool2d",
            [new("kernel_size", 3L), new("stride", 2L), new("padding", 1L)]
        );
        Assert.NotNull(Unusual("cifar-resnet18", pool));
        Assert.Null(Unusual("cifar-resnet18-pooled", pool with { Attributes = [.. pool.Attributes, new("dilation", 1L)] }));
        Assert.Contains("cifar-resnet18-pooled", Catalogue.TwinsOf(Catalogue.Find("cifar-resnet18")).Select(twin => twin.Name));
    }

    [Fact]
    public void UnusualLayer_OfAnUnknownClass_IsNoted()
    {
        StoredLayer layer = new("layer4.1.relu", "models.SimAM", []);
        Assert.Contains("models.SimAM", Assert.Single(UnusualLayer.Unknown([layer, layer with { Type = "models.LambdaLayer" }])));
    }

    private static string? Unusual(string architecture, StoredLayer layer)
    {
        var known = Catalogue.Find(architecture);
        using var unusual = new UnusualLayer(Assert.Single(Fit.Of(known.Shapes(10), [known])), known);
        return unusual.FirstOf([layer]);
    }

    [Fact]
    public void Load_TruncatedArchive_IsSaid()
    {
        using (Load(_ => { })) { }
        var file = folder.File("cut.pth");
        File.WriteAllBytes(file, File.ReadAllBytes(folder.File("a.pth"))[..1000]);
        Assert.Contains("found a damaged or truncated one", Assert.Throws<IsotopeException>(() => Network.Load(file)).Message);
    }

    private string Refusal(Action<OrderedDictionary<string, Tensor>> change) => Assert.Throws<IsotopeException>(() => Load(change)).Message;

    private TorchNetwork Load(Action<OrderedDictionary<string, Tensor>> change)
    {
        using var scope = NewDisposeScope();
        using var original = SmallNetworks.RandomResNet20();
        OrderedDictionary<string, Tensor> tensors = new(original.Module.state_dict());
        change(tensors);
        TorchFile.Save(folder.File("a.pth"), tensors);
        return (TorchNetwork)Network.Load(folder.File("a.pth"));
    }

    private static Tensor Filled(double value, params long[] shape) =>
        tensor(Enumerable.Repeat(value, (int)shape.Aggregate((size, next) => size * next)).ToArray(), shape);

    public void Dispose() => folder.Dispose();
}
