using Isotope.Networks;
using Isotope.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace Isotope.Tests.Networks.Architectures;

/// <summary>A frozen network, with norms folded into its convolutions, against the same network layer by layer.</summary>
public sealed class FoldingTests
{
    private const double Tolerance = 1e-4;

    [Theory]
    [InlineData("resnet20", 32)]
    [InlineData("cifar-resnet18", 32)]
    [InlineData("resnet18", 64)]
    [InlineData("resnet18", 71)]
    [InlineData("resnet50", 64)]
    [InlineData("resnet26d", 64)]
    [InlineData("wrn-16-4", 32)]
    [InlineData("wrn-16-4-biased", 32)]
    [InlineData("efficientnet_b0", 64)]
    public void Freeze_OfANetwork_KeepsFeaturesAndTheirGradient(string name, int size)
    {
        using var scope = NewDisposeScope();
        using var network = NewNetwork(name, size);
        var (features, gradient) = FeaturesAndGradient(network, size);
        network.Freeze();
        var (folded, gradientOfFolded) = FeaturesAndGradient(network, size);
        AssertClose(features, folded);
        AssertClose(gradient, gradientOfFolded);
    }

    [Fact]
    public void Freeze_AfterWeightsHaveChanged_FollowsThem()
    {
        using var scope = NewDisposeScope();
        using var network = NewNetwork("resnet20", 32);
        network.Freeze();
        var before = FeaturesAndGradient(network, 32).Features;
        using (no_grad())
            foreach (var parameter in network.Module.parameters())
                parameter.copy_(parameter.Times(1.1f));
        foreach (var parameter in network.Module.parameters())
            parameter.requires_grad_(true);
        var unfolded = FeaturesAndGradient(network, 32).Features;
        network.Freeze();
        AssertClose(unfolded, FeaturesAndGradient(network, 32).Features);
        Assert.True((unfolded - before).abs().max().item<float>() > 0.01);
    }

    [Fact]
    public void Freeze_Again_LeavesNoTensorAlive()
    {
        using var network = NewNetwork("resnet20", 32);
        network.Freeze();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        network.Freeze();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    /// <summary>A network in evaluation mode whose weights are not yet constant, so that its layers run one by one.</summary>
    private static TorchNetwork NewNetwork(string name, int size)
    {
        var network = Network.Create(name, classes: 3, size);
        GoldenWeights.Fill(network.Module);
        network.Module.eval();
        return network;
    }

    private static (Tensor Features, Tensor Gradient) FeaturesAndGradient(TorchNetwork network, int size)
    {
        var views = GoldenWeights.Noise("views", 2, 3, size, size).Plus(1).Times(127.5).requires_grad_(true);
        var features = network.Features(views);
        return (features, autograd.grad([(features * GoldenWeights.Noise("direction", network.FeatureDimension)).sum()], [views])[0]);
    }

    private static void AssertClose(Tensor expected, Tensor actual) =>
        Assert.True((expected - actual).abs().max().item<float>() <= Tolerance * expected.abs().max().item<float>());
}
