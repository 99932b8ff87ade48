using Isotope.Detection.Classes;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Tests.Detection.Classes;

/// <summary>Maps that are found, on made-up outputs.</summary>
public sealed class FoundMapTests
{
    /// <summary>Of four classes the model knows three, in another order; the fourth looks like any of them.</summary>
    [Fact]
    public void OfProbabilities_ClassThatTheModelDoesNotKnow_IsNotTold()
    {
        using var scope = NewDisposeScope();
        var random = new RandomStream(1, "outputs");
        var map = FoundMap.OfProbabilities(
            MadeUpOutputs.Of(
                4,
                3,
                (label, output) =>
                    label == 3 ? 1
                    : label == (output + 1) % 3 ? 8
                    : 1,
                random
            )
        );
        Assert.Equal([true, true, true, false], map.Told);
        Assert.Equal([2], map.OutputsOf(0));
        Assert.Equal([0], map.OutputsOf(1));
        Assert.Equal([1], map.OutputsOf(2));
        Assert.True(map.IsBetterThanChance(4 * MadeUpOutputs.PerClass / 2));
    }

    [Fact]
    public void OfProbabilities_ClassesThatShareAnOutput_AreTold()
    {
        using var scope = NewDisposeScope();
        var map = FoundMap.OfProbabilities(
            MadeUpOutputs.Of(4, 3, (label, output) => Math.Min(label, 2) == output ? 8 : 1, new RandomStream(1, "outputs"))
        );
        Assert.DoesNotContain(false, map.Told);
        Assert.Equal([2], map.OutputsOf(2));
        Assert.Equal([2], map.OutputsOf(3));
    }

    [Fact]
    public void OfProbabilities_OutputsThatTellNothing_AreNoBetterThanChance()
    {
        using var scope = NewDisposeScope();
        for (var seed = 0; seed < 50; seed++)
            Assert.False(
                FoundMap
                    .OfProbabilities(MadeUpOutputs.Of(5, 7, (_, _) => 1, new RandomStream(seed, "outputs")))
                    .IsBetterThanChance(5 * MadeUpOutputs.PerClass / 2)
            );
    }

    [Fact]
    public void OfFeatures_ClassesInSomeDirections_AreFoundThere()
    {
        using var scope = NewDisposeScope();
        var labels = Enumerable.Range(0, 3 * MadeUpOutputs.PerClass).Select(i => (long)(i % 3)).ToArray();
        var values = randn([labels.Length, 16], float64, generator: new Generator(2));
        for (var i = 0; i < labels.Length; i++)
            values[i, 5 + labels[i]].AddInPlace(tensor(4.0));
        var map = FoundMap.OfFeatures(new LabelledOutputs(values, labels, 3));
        Assert.True(map.Accuracy > 0.8);
        Assert.NotNull(map.Ridge);
        for (var label = 0; label < 3; label++)
            Assert.Equal(5 + label, map.Rows[label].argmax().item<long>());
    }
}
