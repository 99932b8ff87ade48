using Isotope.Networks;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Tests.Networks.Foreign;

/// <summary>The table of docs/formats.md, for TorchScript: each kind of file is read rightly, or refused with the reason.</summary>
public sealed class ScriptKindsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Same => [.. ScriptKinds.Same.Keys];

    public static TheoryData<string> Unfit => [.. ScriptKinds.Unfit.Keys];

    [Theory]
    [MemberData(nameof(Same))]
    public void Load_SameClassifierInAnotherForm_HasItsFeaturesAndLogits(string kind)
    {
        using var network = ForeignFiles.Load(ScriptKinds.Write(folder, ScriptKinds.Same[kind]));
        AssertReadRightly(network, kind);
    }

    [Theory]
    [InlineData("logits", "torch.linear(input0, CONSTANTS.c0, CONSTANTS.c1)")]
    [InlineData("logits", "torch.addmm(CONSTANTS.c1, input0, torch.t(CONSTANTS.c0))")]
    [InlineData("softmax", "torch.softmax(torch.linear(input0, CONSTANTS.c0, CONSTANTS.c1), 1)")]
    public void Load_FrozenModel_HasItsConstantsAsClassifier(string kind, string returned)
    {
        using var plain = ForeignFiles.Load("traced.pt");
        float[] Values(Tensor tensor) => tensor.contiguous().data<float>().ToArray();
        using var network = ForeignFiles.Load(ScriptKinds.WriteFrozen(folder, returned, Values(plain.Weight), Values(plain.Bias!)));
        AssertReadRightly(network, kind);
    }

    [Theory]
    [MemberData(nameof(Unfit))]
    public void Load_Unfit_IsRefusedWithTheReason(string kind)
    {
        var (returned, type, refusal) = ScriptKinds.Unfit[kind];
        Assert.Contains(refusal, Refusal(ScriptKinds.Write(folder, (returned, type))));
    }

    [Fact]
    public void Load_TwoInputs_AreRefusedByName() =>
        Assert.Contains(
            "expected TorchScript that takes one tensor, the images, found 2 inputs: x: Tensor, y: Tensor",
            Refusal(
                ScriptKinds.Edit(
                    folder,
                    source => source.Replace("x: Tensor) ->", "x: Tensor,\n    y: Tensor) ->", StringComparison.Ordinal)
                )
            )
        );

    [Theory]
    [InlineData("#/0", 1)]
    [InlineData("#/1", -1)]
    public void Load_NamedPlace_IsTheAnswer(string place, int sign)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var plain = ForeignFiles.Load("traced.pt");
        var form = ("((head).forward(input0, ), (head).forward(torch.neg(input0), ))", "Tuple[Tensor, Tensor]");
        using var network = ForeignFiles.Load(ScriptKinds.Write(folder, form) + place);
        AssertNear(plain.Features(ForeignFiles.Views()).Times(sign), network.Features(ForeignFiles.Views()), 1e-4);
    }

    [Fact]
    public void Load_NoLinearClassifier_HasOutputsAsFeaturesAndSaysSo()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = ForeignFiles.Load(ScriptKinds.Write(folder, ("torch.relu((head).forward(input0, ))", "Tensor")));
        Assert.Equal((0, 10, 10), (network.Classes, network.FeatureDimension, network.OutputClasses));
        AssertNear(network.Outputs(ForeignFiles.Views()).Values, network.Features(ForeignFiles.Views()), 0);
        Assert.Contains("no linear classifier was found", network.Reading);
    }

    /// <summary>One token attends to itself alone; with identities as weights it stays as it is.</summary>
    [Fact]
    public void Load_AttentionOfOneOperator_IsComputedByPublicOnes()
    {
        const string eye = "torch.eye(6)",
            attention =
                $"torch._native_multi_head_attention(token, token, token, 6, 2, torch.cat([{eye}, {eye}, {eye}]), torch.zeros([18]), "
                + $"{eye}, torch.zeros([6]), None, False)";
        var path = ScriptKinds.Edit(
            folder,
            source =>
                source.Replace(
                    "    return (head).forward(input0, )",
                    "    token = torch.unsqueeze(input0, 1)\n"
                        + $"    mixed, _9 = {attention}\n"
                        + "    return (head).forward(torch.select(mixed, 1, 0), )",
                    StringComparison.Ordinal
                )
        );
        using var network = ForeignFiles.Load(path);
        AssertReadRightly(network, "logits");
    }

    private static void AssertReadRightly(Network network, string kind)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var plain = ForeignFiles.Load("traced.pt");
        var views = ForeignFiles.Views();
        var scale =
            kind == "scaled logits" ? 3.5
            : kind == "softmax at a temperature" ? 1 / 1.7
            : 1;
        var logits = plain.Logits(views).Times(scale);
        AssertNear(plain.Features(views).Times(scale), network.Features(views), 1e-4);
        AssertNear(logits, network.Logits(views), 1e-4);
        var (values, areProbabilities) = network.Outputs(views);
        Assert.Equal(kind is "sigmoid" || kind.StartsWith("softmax", StringComparison.Ordinal), areProbabilities);
        var expected =
            !areProbabilities ? logits
            : kind == "sigmoid" ? logits.sigmoid()
            : logits.softmax(1);
        AssertNear(expected, values, 1e-4);
    }

    private static void AssertNear(Tensor expected, Tensor actual, double tolerance)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.InRange(((actual - expected).abs().max() / expected.abs().max()).item<float>(), 0, tolerance);
    }

    private static string Refusal(string path)
    {
        var message = Assert.Throws<IsotopeException>(() => ForeignFiles.Load(path)).Message;
        Assert.DoesNotContain(message, char.IsControl);
        return message;
    }

    public void Dispose() => folder.Dispose();
}
