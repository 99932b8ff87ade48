using Isotope.Detection.BlackBoxes;
using Isotope.Numerics;

namespace Isotope.Tests.Detection.BlackBoxes;

public sealed class LossGapTests
{
    [Fact]
    public void Of_NormalDifferences_HasTheIntervalOfTheirMean()
    {
        var random = new RandomStream(1, "differences");
        double[] differences = [.. Enumerable.Range(0, 400).Select(_ => 0.3 + 2 * random.NextGaussian())];
        var gap = LossGap.Of(differences);
        var mean = differences.Average();
        var error = Math.Sqrt(differences.Average(d => (d - mean) * (d - mean)) / differences.Length);
        Assert.Equal((mean, 400), (gap.Mean, gap.Images));
        Assert.Equal(-1.96, (gap.Low - mean) / error, 0.12);
        Assert.Equal(1.96, (gap.High - mean) / error, 0.12);
        Assert.Equal(gap, LossGap.Of(differences));
    }

    [Fact]
    public void Of_TwoValues_HasPercentilesOnTheirGrid() => Assert.Equal(new LossGap(1, 0, 2, 2), LossGap.Of([0, 2]));
}
