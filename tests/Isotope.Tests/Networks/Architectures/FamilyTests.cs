using Isotope.Networks;
using Isotope.Networks.Architectures;
using Isotope.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace Isotope.Tests.Networks.Architectures;

/// <summary>One network of each family: created, trained on small views, saved, loaded and differentiated.</summary>
public sealed class FamilyTests
{
    private const int Size = 32;

    public static TheoryData<string> Families =>
        [
            "resnet14",
            "cifar-resnet18",
            "cifar-vgg11_bn",
            "cifar-densenet40",
            "wrn-16-4",
            "resnet50",
            "vgg11_bn",
            "densenet121",
            "mobilenet_v2",
            "efficientnet_b0",
            "convnext_tiny",
            "vit_ti_16",
            "swin_t",
        ];

    [Theory, MemberData(nameof(Families))]
    public void Load_OfASavedNetwork_HasTheSameFeatures(string name)
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var network = NewNetwork(name);
        network.Freeze();
        network.Save(folder.File("a.safetensors"));
        using var loaded = Network.Load(folder.File("a.safetensors"));
        Assert.Equal((name, 3, SizeOf(name)), (loaded.Architecture, loaded.Classes, loaded.Input.Size));
        Assert.True(network.Features(Views(1, SizeOf(name))).eq(loaded.Features(Views(1, SizeOf(name)))).all().item<bool>());
    }

    [Theory, MemberData(nameof(Families))]
    public void Features_OfAFrozenNetwork_AreDifferentiableInThePixels(string name)
    {
        using var scope = NewDisposeScope();
        using var network = NewNetwork(name);
        network.Freeze();
        using var views = Views(2, SizeOf(name)).requires_grad_();
        var features = network.Features(views);
        Assert.Equal([2, network.FeatureDimension], features.shape);
        // Behind layer normalisation the plain sum is constant.
        (features * GoldenWeights.Noise("direction", features.shape[1]))
            .sum()
            .backward();
        Assert.True(views.grad!.isfinite().all().item<bool>());
        Assert.True(views.grad!.ne(zeros(1)).any(dim: 3).any(dim: 2).any(dim: 1).all().item<bool>());
    }

    [Theory, MemberData(nameof(Families))]
    public void FeaturesAndLogits_OfAFrozenNetwork_AreTheSameBitsInAnyBatch(string name)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = NewNetwork(name);
        network.Freeze();
        var views = Views(20, SizeOf(name));
        foreach (var compute in new[] { network.Features, network.Logits })
        foreach (var (first, count) in new[] { (0, 3), (7, 1), (3, 17) })
            Assert.True(compute(views).narrow(0, first, count).eq(compute(views.narrow(0, first, count))).all().item<bool>());
    }

    [Theory, MemberData(nameof(Families))]
    public void Backward_InTraining_ReachesEveryParameter(string name)
    {
        using var scope = NewDisposeScope();
        using var network = NewNetwork(name);
        nn.functional.cross_entropy(network.Logits(Views(4, SizeOf(name))), tensor(new long[] { 0, 1, 2, 0 })).backward();
        Assert.All(
            network.Module.named_parameters(),
            item => Assert.True(item.parameter.grad is { } grad && grad.ne(zeros(1)).any().item<bool>(), item.name)
        );
    }

    [Theory, InlineData("vgg11_bn", true), InlineData("mobilenet_v2", true), InlineData("resnet18", false)]
    public void Features_InTraining_DropOutWhereTorchvisionDoes(string name, bool drops)
    {
        using var scope = NewDisposeScope();
        using var network = NewNetwork(name);
        Assert.Equal(!drops, network.Features(Views(4, SizeOf(name))).eq(network.Features(Views(4, SizeOf(name)))).all().item<bool>());
    }

    [Fact]
    public void Create_AtTheSmallestInput_LeavesFeatures()
    {
        string[] names = ["vgg11", "cifar-vgg11_bn", "densenet121", "cifar-densenet40", "resnet18", "mobilenet_v2", "resnet14"];
        foreach (var name in names.Concat(["wrn-16-4", "efficientnet_b0", "convnext_tiny", "vit_ti_16", "swin_t"]))
        {
            using var scope = NewDisposeScope();
            var smallest = Catalogue.Find(name).SmallestInput;
            using var network = NewNetwork(name, smallest);
            network.Freeze();
            Assert.Equal(network.FeatureDimension, network.Features(Views(1, smallest)).shape[1]);
            Assert.Throws<IsotopeException>(() => Network.Create(name, 3, smallest - 1));
        }
    }

    [Theory, MemberData(nameof(Families))]
    public void Features_OfAnyFamily_LeaveNoTensorBehind(string name)
    {
        using var module = Catalogue.Find(name).Build(3, null);
        using var images = Views(2, SizeOf(name));
        module.Features(images).Dispose();
        DisposeScopeManager.Statistics.Reset();
        module.Features(images).Dispose();
        Assert.Equal(0, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    /// <summary>Small views, except where positions are learned.</summary>
    private static int SizeOf(string name) => Math.Max(Size, Catalogue.Find(name).LargestInput is var largest and < 512 ? largest : Size);

    private static TorchNetwork NewNetwork(string name, int? size = null) => Network.Create(name, 3, size ?? SizeOf(name), seed: 1);

    private static Tensor Views(long count, long size) => GoldenWeights.Noise("images", count, 3, size, size).Times(127).Plus(127);
}
