using Isotope.Carriers;
using Isotope.Detection;
using Isotope.Numerics;
using Isotope.Statistics;

namespace Isotope.Tests.Detection;

/// <summary>Ranks among fresh keys accept the right formula and contradict a wrong one.</summary>
public sealed class RankCheckTests
{
    private static readonly CarrierKey Key = CarrierKey.FromSeed(20, 48, 3);
    private static readonly AlignedClassifier Rows = new(
        [.. Enumerable.Range(0, 20).Select(i => Row(i))],
        [.. Enumerable.Range(0, 20).Select(i => $"{i}")],
        0,
        0,
        1
    );

    [Fact]
    public void Run_RightFormula_AgreesAndCountsItsShare()
    {
        var check = RankCheck.Run(Key, PValue.FromValue(0.25), PaperTest);
        Assert.True(check.Agrees);
        Assert.InRange(check.AtLeastAsExtreme, 180, 320);
        Assert.Equal(check, RankCheck.Run(Key, PValue.FromValue(0.25), PaperTest));
    }

    [Fact]
    public void Run_TinyPValue_IsConsistentWithNoneAsExtreme()
    {
        var check = RankCheck.Run(Key, new PValue(-80), PaperTest);
        Assert.Equal((0, true), (check.AtLeastAsExtreme, check.Agrees));
        Assert.Equal(0, check.Agreement.Log10);
    }

    [Fact]
    public void Run_FormulaOfAnotherDimension_IsContradicted()
    {
        var check = RankCheck.Run(
            Key,
            PaperTest(Key),
            key => Fisher.Combine([.. WhiteBoxTest.Test(key, Rows, false).Classes.Select(c => CosineTest.PValueOf(c.Cosine, 96))])
        );
        Assert.False(check.Agrees);
        Assert.True(check.Uniformity.Log10 < -6);
    }

    [Fact]
    public void Run_ObservedPValueTooSmallForItsRank_IsContradicted() =>
        Assert.False(RankCheck.Run(Key, PValue.FromValue(0.2), key => new PValue(3 * PaperTest(key).Log10)).Agrees);

    [Fact]
    public void Run_ConstantTest_CountsEverySet()
    {
        var check = RankCheck.Run(Key, new PValue(-2), _ => new PValue(-2), sets: 40, seed: 7);
        Assert.Equal((40, 7L, 40, 40, 0), (check.Sets, check.Seed, check.AtLeastAsExtreme, check.BelowPercent, check.BelowPerMille));
        Assert.Equal(0, RankCheck.Run(Key, new PValue(-2.0001), _ => new PValue(-2), sets: 40).AtLeastAsExtreme);
        Assert.Equal(40, RankCheck.Run(Key, new PValue(-4), _ => new PValue(-3), sets: 40).BelowPerMille);
        Assert.Equal(0, RankCheck.Run(Key, new PValue(-4), _ => new PValue(-1.9), sets: 40).BelowPercent);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100_001)]
    public void Run_SetsOutOfRange_IsRefused(int sets) =>
        Assert.Equal(
            $"RankSets: expected 1 to 100000, found {sets}",
            Assert.Throws<IsotopeException>(() => RankCheck.Run(Key, new PValue(0), _ => new PValue(0), sets)).Message
        );

    [Theory]
    [InlineData(-6, 0, true)]
    [InlineData(-6.1, 0, false)]
    [InlineData(0, -6, true)]
    [InlineData(0, -6.1, false)]
    public void Agrees_EitherCheck_HasToHold(double agreement, double uniformity, bool agrees) =>
        Assert.Equal(agrees, new RankCheck(1, 0, 0, 0, 0, new PValue(agreement), new PValue(uniformity)).Agrees);

    [Fact]
    public void Run_OtherSeed_DrawsOtherKeys() =>
        Assert.NotEqual(
            RankCheck.Run(Key, PValue.FromValue(0.25), PaperTest, sets: 200, seed: 1).Uniformity,
            RankCheck.Run(Key, PValue.FromValue(0.25), PaperTest, sets: 200, seed: 2).Uniformity
        );

    private static PValue PaperTest(CarrierKey key) => WhiteBoxTest.Test(key, Rows, manifestChecked: false).PValue;

    private static double[] Row(int label)
    {
        var random = new RandomStream(label, "row");
        return [.. Enumerable.Range(0, 48).Select(_ => random.NextDouble())];
    }
}
