using Isotope.Networks;
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
    [InlineData("activation.LeakyReLU", "relu", null, null, "LeakyReLU")]
    [InlineData("linear.Identity", "layer.maxpool", null, null, "no pooling")]
    [InlineData("batchnorm.BatchNorm2d", "bn1", "eps", 0.1, "an epsilon of 0.1")]
    [InlineData("batchnorm.BatchNorm2d", "bn1", "eps", 1e-5, null)]
    [InlineData("conv.Conv2d", "conv1", "padding_mode", "reflect", "reflect padding")]
    [InlineData("activation.ReLU", "relu", null, null, null)]
    [InlineData("linear.Identity", "fc", null, null, null)]
    public void UnusualLayer_OfAWholeModel_IsNamed(string type, string name, string? attribute, object? value, string? expected)
    {
        PickleDictionary attributes = attribute is null ? [] : [new(attribute, value)];
        Assert.Equal(expected, UnusualLayer.Of($"torch.nn.modules.{type}", attributes, name));
    }

    [Fact]
    public void UnusualLayer_Dilation_IsNamed()
    {
        PickleDictionary attributes = [new("dilation", new object?[] { 2L, 2L })];
        Assert.Equal("a dilation", UnusualLayer.Of("torch.nn.modules.conv.Conv2d", attributes, "conv2"));
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
