using Isotope.Attacks;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Detection.Classes;
using Isotope.Evidence;
using Isotope.Networks;
using Isotope.Numerics;
using TorchSharp;

namespace Isotope.Tests.Attacks;

public sealed class WeightAttackTests
{
    [Theory]
    [InlineData(0.3)]
    [InlineData(0.9)]
    public void Prune_Fraction_ZeroesTheSmallestOfAllLayers(double fraction)
    {
        using var network = Fixtures.RandomNetwork();
        var before = Weights(network);
        WeightAttack.Prune(network, fraction);
        var after = Weights(network);
        Assert.Equal(fraction, after.Count(weight => weight == 0) / (double)after.Length, 1e-3);
        var kept = before.Where((_, i) => after[i] != 0).Min(Math.Abs);
        var gone = before.Where((_, i) => after[i] == 0).Max(Math.Abs);
        Assert.True(kept > gone);
        Assert.All(before.Zip(after), pair => Assert.True(pair.Second == 0 || pair.First == pair.Second));
    }

    /// <summary>After an attack the network is no longer what its file holds, and no test may take it for that.</summary>
    [Fact]
    public void Prune_LoadedNetwork_LosesTheHashOfItsFile()
    {
        using var folder = new TemporaryFolder();
        using var marking = Fixtures.LoadedNetwork(folder);
        using var suspect = (TorchNetwork)Fixtures.LoadedNetwork(folder);
        Assert.Equal(marking.Sha256, suspect.Sha256);
        var reader = new ClassReader(new Dataset("images", ["ant", "bee", "cat"], []), 3);
        Assert.Empty(new WhiteBoxOptions().ReferencesFor(marking, suspect, reader).Select(read => read.Network));
        WeightAttack.Prune(suspect, 0.5);
        Assert.Null(suspect.Sha256);
        Assert.Equal([marking], new WhiteBoxOptions().ReferencesFor(marking, suspect, reader).Select(read => read.Network));
        Assert.Empty(new WhiteBoxOptions().ReferencesFor(suspect, suspect, reader).Select(read => read.Network));
        Assert.Contains(
            "save and load it",
            Assert.Throws<IsotopeException>(() => TestInput.OfNetwork("tested-network", "suspect", suspect)).Message
        );
    }

    [Theory]
    [InlineData(8)]
    [InlineData(3)]
    public void Quantise_Bits_LeavesThatManyLevelsWithinHalfAStep(int bits)
    {
        using var network = Fixtures.RandomNetwork();
        var before = network.Weight.clone().data<float>().ToArray();
        WeightAttack.Quantise(network, bits);
        var after = network.Weight.clone().data<float>().ToArray();
        var step = before.Max(Math.Abs) / ((1 << (bits - 1)) - 1);
        Assert.InRange(after.Distinct().Count(), 2, (1 << bits) - 1);
        Assert.All(before.Zip(after), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 0.5001f * step));
    }

    [Fact]
    public void AddNoise_SameSeed_IsTheSameNoiseOfTheSizeAskedFor()
    {
        using var one = Fixtures.RandomNetwork();
        using var other = Fixtures.RandomNetwork();
        var before = Weights(one);
        WeightAttack.AddNoise(one, 0.1, seed: 4);
        WeightAttack.AddNoise(other, 0.1, seed: 4);
        Assert.Equal(Weights(one), Weights(other));
        var noise = Weights(one).Zip(before, (a, b) => Math.Pow(a - b, 2)).Sum();
        var spread = before.Sum(b => b * b);
        Assert.Equal(0.1, Math.Sqrt(noise / spread), 0.02);
    }

    [Fact]
    public void Change_FrozenNetwork_ShowsInItsOutputs()
    {
        using var network = Fixtures.RandomNetwork();
        using var views = torch.rand([2, 3, 16, 16]).Times(255);
        using var before = network.Features(views);
        WeightAttack.Prune(network, 0.9);
        using var after = network.Features(views);
        Assert.False(before.allclose(after));
    }

    [Fact]
    public void Attack_AmountOutOfRange_IsRefused()
    {
        using var network = Fixtures.RandomNetwork();
        Assert.Throws<IsotopeException>(() => WeightAttack.Prune(network, 1));
        Assert.Throws<IsotopeException>(() => WeightAttack.Quantise(network, 1));
        Assert.Throws<IsotopeException>(() => WeightAttack.AddNoise(network, -1, 0));
    }

    private static float[] Weights(TorchNetwork network) =>
        [
            .. network
                .Module.parameters()
                .Where(parameter => parameter.dim() > 1)
                .SelectMany(parameter => parameter.contiguous().data<float>().ToArray()),
        ];
}
