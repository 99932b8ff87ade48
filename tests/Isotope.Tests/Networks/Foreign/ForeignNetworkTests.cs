using Isotope.Networks;
using Isotope.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace Isotope.Tests.Networks.Foreign;

public sealed class ForeignNetworkTests
{
    [Theory]
    [InlineData("gemm.onnx", "onnx")]
    [InlineData("fixed.onnx", "onnx")]
    [InlineData("softmax.onnx", "onnx")]
    [InlineData("matmul.onnx", "onnx")]
    [InlineData("traced.pt", "torchscript")]
    [InlineData("scripted.pt", "torchscript")]
    public void Load_ForeignFile_ComputesWhatPyTorchDoes(string file, string architecture)
    {
        using var scope = NewDisposeScope();
        using var network = ForeignFiles.Load(file);
        using var noGradient = no_grad();
        Assert.Equal((architecture, 6, 10, 16), (network.Architecture, network.FeatureDimension, network.Classes, network.Input.Size));
        Assert.Equal(64, network.Sha256!.Length);
        Assert.InRange(ForeignFiles.Error(file, "features", network.Features(ForeignFiles.Views())), 0, 1e-4);
        Assert.InRange(ForeignFiles.Error(file, "logits", network.Logits(ForeignFiles.Views())), 0, 1e-4);
    }

    [Fact]
    public void Features_OtherNumbersOfViewsThanAFixedBatch_AreTheSame()
    {
        using var scope = NewDisposeScope();
        using var network = ForeignFiles.Load("fixed.onnx");
        var views = rand(7, 3, 16, 16).Times(255);
        var apart = views.split(1).Select(network.Features).ToArray();
        Assert.Equal([7, 6], network.Features(views).shape);
        Assert.True((network.Features(views) - cat(apart)).abs().max().item<float>() < 1e-5);
    }

    [Fact]
    public void Features_OfTorchScript_HaveGradientsInThePixels()
    {
        using var scope = NewDisposeScope();
        using var network = ForeignFiles.Load("traced.pt");
        var views = ForeignFiles.Views().requires_grad_(true);
        network.Features(views).sum().backward();
        Assert.True(views.grad!.abs().sum().item<float>() > 0);
    }

    [Fact]
    public void Features_OfOnnxForMarking_AreRefused()
    {
        using var scope = NewDisposeScope();
        using var network = ForeignFiles.Load("gemm.onnx");
        var views = ForeignFiles.Views().requires_grad_(true);
        Assert.Contains("it can be tested only", Assert.Throws<IsotopeException>(() => network.Features(views)).Message);
    }

    [Fact]
    public void Load_OtherNormalisation_IsApplied()
    {
        using var scope = NewDisposeScope();
        using var normalised = ForeignFiles.Load("gemm.onnx");
        using var plain = Network.Load(
            ForeignFiles.PathOf("gemm.onnx"),
            overrides: new InputOverride { Mean = [0, 0, 0], Std = [1, 1, 1] }
        );
        var views = ForeignFiles.Views();
        var mean = tensor(new[] { 0.485f, 0.456f, 0.406f }).view(1, 3, 1, 1);
        var std = tensor(new[] { 0.229f, 0.224f, 0.225f }).view(1, 3, 1, 1);
        var difference = plain.Features(((views.Over(255) - mean) / std).Times(255)) - normalised.Features(views);
        Assert.True(difference.abs().max().item<float>() < 1e-4);
    }

    [Fact]
    public void Load_NamedLayer_IsTheClassifier()
    {
        using var network = Network.Load(ForeignFiles.PathOf("scripted.pt") + "#head", overrides: new InputOverride { Size = 16 });
        Assert.Equal(10, network.Classes);
    }

    [Theory]
    [InlineData("scripted.pt#unused", "give the model's output, found other output; linear layers")]
    [InlineData("scripted.pt#conv1", "a linear layer named 'conv1', found linear layers layer1.shortcut, head, unused")]
    [InlineData("writes.pt", "TorchScript that only computes, found 'save' in")]
    [InlineData("reads.pt", "TorchScript that only computes, found 'from_file' in")]
    [InlineData("gemm.onnx#head", "expected an output named 'head', found outputs out N × 10")]
    public void Load_UnfitFile_SaysWhyInOneLine(string file, string expected)
    {
        var message = Assert.Throws<IsotopeException>(() => ForeignFiles.Load(file)).Message;
        Assert.Contains(expected, message);
        Assert.DoesNotContain(message, char.IsControl);
        Assert.False(File.Exists("written-by-torchscript"));
    }

    [Fact]
    public void Load_SizeNotStatedAnywhere_IsAskedFor() =>
        Assert.Contains(
            "--tested-input size=32",
            Assert.Throws<IsotopeException>(() => Network.Load(ForeignFiles.PathOf("traced.pt"), overrides: new InputOverride())).Message
        );

    [Fact]
    public void Load_SizeOtherThanTheModels_IsRefused() =>
        Assert.Contains(
            "expected 16",
            Assert
                .Throws<IsotopeException>(() => Network.Load(ForeignFiles.PathOf("gemm.onnx"), overrides: new InputOverride { Size = 32 }))
                .Message
        );

    [Theory]
    [InlineData("gemm.onnx")]
    [InlineData("traced.pt")]
    public void Features_Again_LeaveNoMoreTensorsAlive(string file)
    {
        using var network = ForeignFiles.Load(file);
        using var views = ForeignFiles.Views();
        network.Features(views).Dispose();
        var alive = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        network.Features(views).Dispose();
        network.Logits(views).Dispose();
        Assert.Equal(alive, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        ForeignFiles.Load(file).Dispose();
        Assert.Equal(alive, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
