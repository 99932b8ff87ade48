using Isotope.Networks;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Tests.Networks.Foreign;

/// <summary>The table of docs/formats.md, for ONNX: each kind of file is read rightly, or refused with the reason.</summary>
public sealed class OnnxKindsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Same => [.. OnnxKinds.Same.Keys];

    public static TheoryData<string> Probable => [.. OnnxKinds.Probable.Keys];

    public static TheoryData<string> Headless => [.. OnnxKinds.Headless.Keys];

    public static TheoryData<string> Unfit => [.. OnnxKinds.Unfit.Keys];

    [Theory]
    [MemberData(nameof(Same))]
    public void Load_SameClassifierInAnotherForm_ComputesTheSame(string kind)
    {
        using var scope = NewDisposeScope();
        using var plain = ForeignFiles.Load(ForeignFiles.Write(folder, OnnxKinds.Round));
        using var network = ForeignFiles.Load(ForeignFiles.Write(folder, OnnxKinds.Round + OnnxKinds.Same[kind]));
        var views = ForeignFiles.Views();
        Assert.Equal((10, 6), (network.Classes, network.FeatureDimension));
        var tolerance = kind.StartsWith("input of 16", StringComparison.Ordinal) ? 1e-2 : 1e-5;
        AssertNear(plain.Features(views), network.Features(views), tolerance);
        AssertNear(plain.Logits(views), network.Logits(views), tolerance);
        var (values, areProbabilities) = network.Outputs(views);
        Assert.False(areProbabilities);
        AssertNear(plain.Logits(views), values, tolerance);
    }

    [Theory]
    [MemberData(nameof(Probable))]
    public void Load_ProbabilitiesAtTheEnd_AreTheOutputsAndTheirLogitsTheScores(string kind)
    {
        using var scope = NewDisposeScope();
        using var plain = ForeignFiles.Load("gemm.onnx");
        using var network = ForeignFiles.Load(ForeignFiles.Write(folder, OnnxKinds.Probable[kind]));
        var views = ForeignFiles.Views();
        var logits = plain.Logits(views).Over(kind.EndsWith("temperature", StringComparison.Ordinal) ? 2 : 1);
        AssertNear(plain.Features(views), network.Features(views), 1e-5);
        AssertNear(logits, network.Logits(views), 1e-5);
        var (values, areProbabilities) = network.Outputs(views);
        Assert.True(areProbabilities);
        AssertNear(kind == "sigmoid" ? logits.sigmoid() : logits.softmax(1), values, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Headless))]
    public void Load_NoLinearClassifier_HasOutputsAsFeaturesAndSaysSo(string kind)
    {
        using var scope = NewDisposeScope();
        var (change, outputs) = OnnxKinds.Headless[kind];
        var path = ForeignFiles.Write(folder, change);
        using var network = ForeignFiles.Load(path);
        Assert.Equal((0, outputs, outputs), (network.Classes, network.FeatureDimension, network.OutputClasses));
        Assert.Equal([0, outputs], network.Weight.shape);
        var views = ForeignFiles.Views();
        AssertNear(network.Outputs(views).Values, network.Features(views), 0);
        Assert.Contains("no linear classifier was found", network.Reading);
        Assert.Contains("no linear classifier was found", NetworkDescription.Of(path).Reading);
    }

    [Theory]
    [MemberData(nameof(Unfit))]
    public void Load_Unfit_IsRefusedWithTheReason(string kind)
    {
        var (change, refusal) = OnnxKinds.Unfit[kind];
        var message = Assert.Throws<IsotopeException>(() => ForeignFiles.Load(ForeignFiles.Write(folder, change))).Message;
        Assert.Contains(refusal, message);
        Assert.DoesNotContain(message, char.IsControl);
    }

    [Theory]
    [InlineData("#/out", 1)]
    [InlineData("#auxiliary", -1)]
    public void Load_NamedOutput_IsTheAnswer(string name, int sign)
    {
        using var scope = NewDisposeScope();
        using var plain = ForeignFiles.Load("gemm.onnx");
        var path = ForeignFiles.Write(folder, OnnxKinds.TwoHeads);
        using var network = Network.Load(path + name);
        AssertNear(plain.Features(ForeignFiles.Views()).Times(sign), network.Features(ForeignFiles.Views()), 1e-5);
        Assert.StartsWith($"output {name.TrimStart('#', '/')} of auxiliary, out", network.Reading);
        Assert.Contains(
            "found outputs auxiliary N × 10, out N × 10",
            Assert.Throws<IsotopeException>(() => Network.Load(path + "#/no")).Message
        );
    }

    [Fact]
    public void Load_InputOfBytes_TakesGreyLevels()
    {
        using var scope = NewDisposeScope();
        using var plain = Network.Load(
            ForeignFiles.PathOf("gemm.onnx"),
            overrides: new InputOverride { Mean = [0, 0, 0], Std = [1, 1, 1] }
        );
        var path = ForeignFiles.Write(folder, OnnxKinds.TakeBytes);
        using var network = Network.Load(path);
        var views = ForeignFiles.Views();
        AssertNear(plain.Logits(views), network.Logits(views), 1e-5);
        // Changes of less than a grey level count.
        Assert.True((network.Logits(views.Plus(0.25)) - network.Logits(views)).abs().max().item<float>() > 0);
        Assert.Contains(
            "norm=0..255",
            Assert.Throws<IsotopeException>(() => Network.Load(path, overrides: new InputOverride { Mean = [0, 0, 0] })).Message
        );
    }

    [Fact]
    public void Load_FieldsInAnotherOrder_AreReadByTheFilesName()
    {
        var bytes = File.ReadAllBytes(ForeignFiles.PathOf("gemm.onnx"));
        Assert.Equal((8, 7), (bytes[0], bytes[1]));
        using var network = ForeignFiles.Load(folder.Write("late.onnx", [.. bytes[2..], 8, 7]));
        Assert.Equal(10, network.Classes);
    }

    private static void AssertNear(Tensor expected, Tensor actual, double tolerance)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.InRange(((actual - expected).abs().max() / expected.abs().max()).item<float>(), 0, tolerance);
    }

    public void Dispose() => folder.Dispose();
}
