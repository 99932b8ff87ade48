using Isotope.Carriers;
using Isotope.Detection;
using Isotope.Statistics;

namespace Isotope.Tests.Detection;

/// <summary>Ranks among fresh carriers: they accept the right formula and contradict a wrong one.</summary>
public sealed class RankCheckTests
{
    private static readonly CarrierKey Key = CarrierKey.FromSeed(20, 48, 3);
    private static readonly AlignedClassifier Rows = new([.. Enumerable.Range(0, 20).Select(i => Row(i))], [.. Enumerable.Range(0, 20).Select(i => $"{i}")], 0, 0, 1);

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
        var check = RankCheck.Run(Key, PaperTest(Key), key => Fisher.Combine([.. WhiteBoxTest.Test(key, Rows, false).Classes.Select(c => CosineTest.PValueOf(c.Cosine, 96))]));
        Assert.False(check.Agrees);
        Assert.True(check.Uniformity.Log10 < -6);
    }

    [Fact]
    public void Run_ObservedPValueTooSmallForItsRank_IsContradicted() =>
        Assert.False(RankCheck.Run(Key, PValue.FromValue(0.2), key => new PValue(3 * PaperTest(key).Log10)).Agrees);

    private static PValue PaperTest(CarrierKey key) => WhiteBoxTest.Test(key, Rows, manifestChecked: false).PValue;

    private static double[] Row(int label)
    {
        var random = new RandomStream(label, "row");
        return [.. Enumerable.Range(0, 48).Select(_ => random.NextDouble())];
    }
}
